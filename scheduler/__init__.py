"""The head: carries news from intake to log. What it decides is pure; what it does happens in one place."""
