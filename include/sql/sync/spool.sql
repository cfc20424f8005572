-- Fills temp.incoming from $spool, a file with one JSON object a line, whose columns and types are $columns.
insert into temp.incoming by name
select *, $synced_at::timestamptz as _synced_at
from read_json($spool, format = 'newline_delimited', columns = $columns, maximum_object_size = 67108864);
