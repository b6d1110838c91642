"""The shapes of what programs are given in JSON, by the command line and by the API: every key and what stands in it.

Types alone: mypy holds the functions that fill them to them, and the API's description is made from them. Nothing of it
runs where an answer is made.
"""
