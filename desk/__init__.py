"""The doors people use: the command line and the web pages. They call the same verbs and hold no rule."""

__version__ = "0.1.0"
