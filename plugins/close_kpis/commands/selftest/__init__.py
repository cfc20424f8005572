"""``selftest``: does the spreadsheet that really exists take what a publish sends?"""
