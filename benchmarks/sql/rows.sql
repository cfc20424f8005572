-- One row per table of raw that has rows: how many.
select info.table_name, cast(sum(files.record_count) as bigint) as row_count
from __ducklake_metadata_lake.ducklake_table as info
inner join __ducklake_metadata_lake.ducklake_schema as schemas on info.schema_id = schemas.schema_id
inner join __ducklake_metadata_lake.ducklake_data_file as files on info.table_id = files.table_id
where schemas.schema_name = 'raw' and info.end_snapshot is null and files.end_snapshot is null
group by info.table_name
order by row_count desc;
