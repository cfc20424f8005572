-- One row per Parquet file of the tables of raw.
select info.table_name, schemas.path || info.path || files.path as path
from __ducklake_metadata_lake.ducklake_data_file as files
inner join __ducklake_metadata_lake.ducklake_table as info on files.table_id = info.table_id
inner join __ducklake_metadata_lake.ducklake_schema as schemas on info.schema_id = schemas.schema_id
where schemas.schema_name = 'raw' and info.end_snapshot is null and files.end_snapshot is null
order by files.data_file_id;
