"""Who may come into the desk, as whom, and what they may do there."""
