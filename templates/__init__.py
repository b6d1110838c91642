"""The words: the teaser engine, in plain Python, beside the Jinja2 files that it fills."""
