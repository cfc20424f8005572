-- Writes the rows of small tables to Parquet, too: DuckLake keeps few rows in its catalog.
call ducklake_flush_inlined_data('lake');
