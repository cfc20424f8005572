"""``explain``: the records behind a published number."""
