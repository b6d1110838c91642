"""Intake: from wherever a newsroom keeps its stories to ``db.records.Article``.

Readers (``text_file``, ``feed``, ``web_page``, ...) are pure functions from bytes to articles. ``fetching`` is the
one door to the web, ``sources`` looks at one source, and ``take_in`` is the only file that writes.
"""
