-- $rows: a list of opportunity status ids.
insert into settings.demo_statuses (status_id) select unnest(cast($rows as varchar[]));
