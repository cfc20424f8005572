-- Grain: rule, record_type and record_id. What readers should mend in Close: the rows that the checks of severity warning return.
-- Computed anew; the checks under include/sql/checks/warnings fill it.
create table if not exists kpi.data_quality (
    rule varchar not null,
    severity varchar not null,
    record_type varchar not null,
    record_id varchar not null,
    lead_id varchar,
    detail varchar not null
);

delete from kpi.data_quality;
