-- Empties the settings before they are written anew.
delete from settings.run;
delete from settings.lead_status_roles;
delete from settings.pipeline_roles;
delete from settings.excluded_outcomes;
delete from settings.demo_statuses;
delete from settings.demo_activity_types;
delete from settings.holidays;
