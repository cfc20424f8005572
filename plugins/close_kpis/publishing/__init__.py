"""One publish of the workbook: what it shows, what it restates and why, and the record of it."""
