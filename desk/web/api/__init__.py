"""The API for programs, under /api/v1: the same verbs as the desk and the command line, in JSON."""
