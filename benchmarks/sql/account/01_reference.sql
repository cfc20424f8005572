-- raw.* of an account's names: 50 users, statuses, pipelines, fields.
insert into raw.users by name
select
    made_id('user', 'user', n) as id,
    format('rep{}@example.com', n) as email,
    format('First{}', n) as first_name,
    format('Last{}', n) as last_name,
    share(n, 'is active') < 0.8 as is_active,
    started_at() as date_created,
    started_at() as date_updated,
    getvariable('as_of') as _synced_at
from range(50) as numbers (n);

insert into raw.lead_statuses by name
select made_id('stat', label, 0) as id, label, position, getvariable('as_of') as _synced_at
from (select unnest(['Potential', 'Contacted', 'Trial', 'Customer', 'Churned', 'Lost']) as label, unnest(range(6)) as position);

insert into raw.pipelines by name
select made_id('pipe', name, 0) as id, name, position, getvariable('as_of') as _synced_at
from (select unnest(['New business', 'Expansion', 'Renewal', 'Partnerships']) as name, unnest(range(4)) as position);

insert into raw.opportunity_statuses by name
select
    made_id('stat', pipelines.name || stages.label, 0) as id,
    stages.label,
    stages.type,
    pipelines.id as pipeline_id,
    stages.position,
    getvariable('as_of') as _synced_at
from raw.pipelines as pipelines
cross join (
    select
        unnest(['Open', 'Proposal', 'Won', 'Lost']) as label,
        unnest(['active', 'active', 'won', 'lost']) as type,
        unnest(range(4)) as position
) as stages;

insert into raw.custom_fields by name
select
    id,
    name,
    'lead' as object_type,
    type,
    false as accepts_multiple_values,
    false as is_shared,
    getvariable('as_of') as _synced_at
from (
    select
        unnest(['cf_source', 'cf_owner', 'cf_size']) as id,
        unnest(['Lead source', 'Account owner', 'Employees']) as name,
        unnest(['choices', 'user', 'number']) as type
);

insert into raw.outcomes by name
select made_id('outcome', name, 0) as id, name, getvariable('as_of') as _synced_at
from (select unnest(['Interested', 'No-show']) as name);

insert into raw.custom_activity_types by name
select made_id('actitype', name, 0) as id, name, getvariable('as_of') as _synced_at
from (select unnest(['Onboarding', 'Visit']) as name);

insert into raw.organization by name
select made_id('orga', 'orga', 0) as id, 'Benchmark' as name, 'USD' as currency, getvariable('as_of') as _synced_at;
