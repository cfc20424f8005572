"""What stands behind a number: which cell is asked about, the records of it, and whether they add up."""
