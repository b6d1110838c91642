"""The rehearsal platforms: real X, Graph and SMTP servers that run on this machine and nowhere else.

Demo, staging and tests post to them through the very code that posts to the world. They check what the
platforms check, keep what was published in one SQLite file, show it on a page, and lie on request
(``faults``), so that a bad day can be rehearsed. Start them with ``platforms.RehearsalPlatforms``.
"""
