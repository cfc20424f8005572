-- Grain: rule. How many records each warning lists.
select rule, count(*) as records from kpi.data_quality group by rule order by rule;
