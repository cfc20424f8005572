"""The Google Sheets workbook: what its tabs are, and how they are written.

``spec`` says what a workbook is (pure data), ``tabs`` and ``render`` build one from the KPI tables, ``diff`` reads
what a spreadsheet holds and compares the two, ``write`` sends the difference in one atomic request, ``google`` is the
way to it.
"""
