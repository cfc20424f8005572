-- Grain: insight, user_id (null: the team). Statistics over completed months, each with its n, its estimate, its 95 % interval where it
-- has one, and a sentence. Computed anew when a completed month was; close_kpis.kpis.insights fills it.
create table if not exists kpi.insights (
    insight varchar not null,
    user_id varchar,
    n bigint not null,
    estimate double,
    low double,
    high double,
    sentence varchar not null
);
