-- Grain: pipeline_id. The role of each pipeline that the settings name: new, expansion, renewal, ignore. Every other pipeline is `new`.
create table if not exists settings.pipeline_roles (pipeline_id varchar not null, role varchar not null);
