"""The tabs of the workbook: KPI tables in, a spec out. What no table holds is not computed here, sums apart."""
