-- Grain: custom_activity_type_id. Custom activity types that are a demo (demo rule custom_activity).
create table if not exists settings.demo_activity_types (custom_activity_type_id varchar not null);
