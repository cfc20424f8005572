-- Grain: status_id. The role of each lead status that the settings name: trial, customer, churned, lost. Every other status is `other`.
create table if not exists settings.lead_status_roles (status_id varchar not null, role varchar not null);
