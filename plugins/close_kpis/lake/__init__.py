"""The lake: opening it, writing to it, locking it, and the SQL that is run on it."""
