-- Makes room for the insights of this computation.
delete from kpi.insights;
