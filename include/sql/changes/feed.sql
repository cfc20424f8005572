-- The rows of raw.{table} that differ between $from and $to, as they were and as they are, in the columns that say which leads and
-- months they bear on. Kept, because several queries ask, and DuckLake looks through the table's files each time.
create or replace temp table changes_of_{table} as
select columns(name -> name in (
    'change_type', 'id', 'lead_id', 'source_lead_id', 'destination_lead_id', '_merged_into', '_deleted_at', 'status_id', 'custom',
    'display_name', 'date_created', 'date_updated', 'date_lost', 'date_won', 'activity_at'
))
from ducklake_table_changes('lake', 'raw', '{table}', $from::bigint, $to::bigint);
