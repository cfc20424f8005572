-- Grain: month. The months of the reports.
select month from kpi.growth_monthly order by month;
