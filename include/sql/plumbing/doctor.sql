-- What the doctor shows of the numbers that a proposal would give, in a workspace in which they have been computed.

-- name: months
-- Grain: month. The last twelve months, the running one last.
select
    growth.month,
    growth.is_running,
    growth.total_customers as customers,
    growth.new_customers + growth.reactivated_customers as joined,
    growth.churned_customers as churned,
    growth.mrr_cents,
    win_rate.won_opportunities as won,
    win_rate.lost_opportunities as lost,
    win_rate.win_rate
from memory.kpi.growth_monthly as growth
inner join memory.kpi.win_rate_monthly as win_rate on growth.month = win_rate.month
order by growth.month desc
limit 12;

-- name: newest_snapshot
-- One row: the newest snapshot of the lake.
select max(snapshot_id) as newest from ducklake_snapshots('lake');
