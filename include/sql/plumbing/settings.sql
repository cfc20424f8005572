-- The settings of a computation as tables, which the models read as settings.*. Each statement makes the table of its name in the
-- workspace from $settings: the resolved settings as JSON, with as_of.

-- name: run
-- One row: the settings that are single values, resolved to ids, and as_of: the instant that the data is complete up to. $columns: their
-- names and types as JSON.
create or replace table memory.settings.run as
select unnest(from_json($settings, $columns));

-- name: lead_status_roles
-- Grain: status_id. The role of each lead status that the settings name: trial, customer, churned, lost. Every other status is `other`.
create or replace table memory.settings.lead_status_roles as
select pair[1] as status_id, pair[2] as role
from (select unnest(from_json($settings::json -> 'lead_status_roles', '[["VARCHAR"]]')) as pair);

-- name: pipeline_roles
-- Grain: pipeline_id. The role of each pipeline that the settings name: new, expansion, renewal, ignore. Every other pipeline is `new`.
create or replace table memory.settings.pipeline_roles as
select pair[1] as pipeline_id, pair[2] as role
from (select unnest(from_json($settings::json -> 'pipeline_roles', '[["VARCHAR"]]')) as pair);

-- name: excluded_outcomes
-- Grain: outcome_id. Outcomes that make a meeting no demo.
create or replace table memory.settings.excluded_outcomes as
select unnest(from_json($settings::json -> 'excluded_outcomes', '["VARCHAR"]')) as outcome_id;

-- name: demo_statuses
-- Grain: status_id. Opportunity statuses whose first entry is a demo (demo rule opportunity_status).
create or replace table memory.settings.demo_statuses as
select unnest(from_json($settings::json -> 'demo_statuses', '["VARCHAR"]')) as status_id;

-- name: demo_activity_types
-- Grain: custom_activity_type_id. Custom activity types that are a demo (demo rule custom_activity).
create or replace table memory.settings.demo_activity_types as
select unnest(from_json($settings::json -> 'demo_activity_types', '["VARCHAR"]')) as custom_activity_type_id;

-- name: read_streams
-- Grain: stream. The streams that are read because the settings ask for them.
create or replace table memory.settings.read_streams as
select unnest(from_json($settings::json -> 'read_streams', '["VARCHAR"]')) as stream;

-- name: counted_activities
-- Grain: activity_type. The types of activities that a rep's counted activities are the sum of.
create or replace table memory.settings.counted_activities as
select unnest(from_json($settings::json -> 'counted_activity_types', '["VARCHAR"]')) as activity_type;

-- name: import_days
-- Grain: day. Local days on which leads were brought over from another system.
create or replace table memory.settings.import_days as
select unnest(from_json($settings::json -> 'import_days', '["DATE"]')) as day;

-- name: source_names
-- Grain: value. For each value of the source field (of a multi-value field the first one) the spelling without surplus white space, the key
-- that all spellings of a source share, and the name that source_aliases merge them under. $settings has them as `recorded_sources`.
create or replace table memory.settings.source_names as
select value, spelling, source_key, alias
from (select unnest(from_json(
    $settings::json -> 'recorded_sources', '[{"value":"VARCHAR","spelling":"VARCHAR","source_key":"VARCHAR","alias":"VARCHAR"}]'
), recursive := true));

-- name: holidays
-- Grain: day. Weekdays that are no working days.
create or replace table memory.settings.holidays as
select unnest(from_json($settings::json -> 'holidays', '["DATE"]')) as day;
