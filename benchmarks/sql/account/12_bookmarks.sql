-- sync.streams: everything has been read up to as_of.
insert into sync.streams by name
select table_name as stream, getvariable('as_of') as synced_through
from duckdb_tables()
where database_name = current_database() and schema_name = 'raw';
