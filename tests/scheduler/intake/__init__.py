"""Intake: readers by what they read, and the acting door against a real database and real servers."""
