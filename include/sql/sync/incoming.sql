-- The rows of one read, shaped as the raw table they are for; _position is their order in the read.
create or replace temp table incoming as
select *, 0::bigint as _position
from raw.{table}
limit 0;
