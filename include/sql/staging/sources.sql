-- The sources of the leads that count, with the name that each is shown by: the one that the settings merge it under, else the spelling
-- that most of its leads have, the first in code point order among equals.
-- Grain: source_group.
-- Inputs: staging.counted_leads.
with
spellings as (
    select source_group, source_alias, source_spelling, count(*) as leads
    from staging.counted_leads
    where source_group is not null
    group by source_group, source_alias, source_spelling
)
select
    source_group,
    coalesce(any_value(source_alias), first(source_spelling order by leads desc, source_spelling)) as source
from spellings
group by source_group;
