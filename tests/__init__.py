"""The tests mirror the rooms; every folder is a package, so that tests.channels never hides channels."""
