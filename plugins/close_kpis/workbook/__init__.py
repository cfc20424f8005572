"""The Google Sheets workbook: what its tabs are, and how they are written.

``spec`` says what a workbook is (pure data), ``tabs`` builds one from the KPI tables, ``state`` reads
what a spreadsheet holds, ``diff`` compares the two, ``publish`` writes the difference in one atomic
request through the ``hook``.
"""
