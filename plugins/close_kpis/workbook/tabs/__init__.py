"""The tabs of the workbook: KPI tables in, a spec out. Nothing is computed here that a table does not hold."""
