-- What questions about cells can name, and the released KPI tables that hold the cells. staging and settings are those of the workspace.

-- name: table
-- All rows of a KPI table.
from lake.kpi.{table};

-- name: months
-- Grain: month. The months of the reports, with the year that each belongs to.
select month, year from memory.staging.years order by month;

-- name: compared_months
-- One row: the months of $year that are completed in that year and in the one before, from the first to the last; null
-- where there are none.
select min(this_year.month) as first_month, max(this_year.month) as last_month
from lake.kpi.growth_monthly as this_year
inner join lake.kpi.growth_monthly as last_year on this_year.month = last_year.month + interval 1 year
inner join memory.staging.years as years on this_year.month = years.month
where
    years.year = $year
    and not this_year.is_running
    and not last_year.is_running;

-- name: reps
-- Grain: user_id. The reps by what people may call them.
select user_id, rep, email from memory.staging.users order by rep, user_id;

-- name: sources
-- Grain: source. The sources of the source report.
select source from lake.kpi.source_all_time order by source;

-- name: today
-- One row: the local day of the last computation.
select cast(timezone(timezone, as_of) as date) as day from memory.settings.run;

-- name: stages
-- Grain: pipeline, status. The pipelines and stages of the pipeline report on the day of the last computation.
select pipeline, status
from lake.kpi.pipeline_daily
where day = (select cast(timezone(timezone, as_of) as date) from memory.settings.run)
order by pipeline, status;
