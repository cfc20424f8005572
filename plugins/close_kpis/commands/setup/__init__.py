"""The command ``setup``: a dialogue in a terminal that sets up a real account."""
