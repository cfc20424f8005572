-- Grain: status_id. Opportunity statuses whose first entry is a demo (demo rule opportunity_status).
create table if not exists settings.demo_statuses (status_id varchar not null);
