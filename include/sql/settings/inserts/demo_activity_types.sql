-- $rows: a list of custom activity type ids.
insert into settings.demo_activity_types (custom_activity_type_id) select unnest(cast($rows as varchar[]));
