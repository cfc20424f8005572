-- One row: the bytes of the lake's data files.
select coalesce(sum(file_size_bytes), 0) as size from ducklake_table_info('lake');
