-- The raw tables of the workspace show the records of the changed leads, and the opportunities whose lead was not known.
create table memory.incremental.raw_leads as
from lake.raw.leads
where id in (select lead_id from memory.incremental.changed_leads);

create table memory.incremental.raw_lead_status_changes as
from lake.raw.lead_status_changes
where lead_id in (select lead_id from memory.incremental.changed_leads);

create table memory.incremental.raw_opportunities as
from lake.raw.opportunities
where
    lead_id in (select lead_id from memory.incremental.changed_leads)
    or id in (select opportunity_id from lake.incremental.loose_opportunities);

create or replace view memory.raw.leads as from memory.incremental.raw_leads;

create or replace view memory.raw.lead_status_changes as from memory.incremental.raw_lead_status_changes;

create or replace view memory.raw.opportunities as from memory.incremental.raw_opportunities;
