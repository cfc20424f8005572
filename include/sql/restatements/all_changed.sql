-- Grain: stream, kind. How many records differ between the last publish and now, whatever they bear on.
select stream, kind, count(*) as records
from temp.changed_records
where stream <> 'opportunities_created'
group by all
order by all;
