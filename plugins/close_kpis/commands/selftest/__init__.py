"""``selftest``: do the spreadsheet and the Close account that really exist what the pipeline relies on?"""
