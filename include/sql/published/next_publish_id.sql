-- One row: the number of the next publish.
select coalesce(max(publish_id), 0) + 1 as publish_id
from published.publishes;
