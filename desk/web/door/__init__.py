"""What every page of the desk stands on: who asks, from where, in which words, and how a page is made."""
