-- Grain: role. The lead statuses of each role, in the account's order.
select
    roles.role,
    string_agg(coalesce(statuses.label, roles.status_id), ', ' order by statuses.position, roles.status_id) as names
from settings.lead_status_roles as roles
left join raw.lead_statuses as statuses on roles.status_id = statuses.id
group by roles.role
order by list_position(['trial', 'customer', 'churned', 'lost'], roles.role);
