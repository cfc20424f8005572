-- Grain: role. The pipelines of each role, in the account's order.
select
    roles.role,
    string_agg(coalesce(pipelines.name, roles.pipeline_id), ', ' order by pipelines.position, roles.pipeline_id) as names
from settings.pipeline_roles as roles
left join raw.pipelines as pipelines on roles.pipeline_id = pipelines.id
group by roles.role
order by list_position(['new', 'expansion', 'renewal', 'ignore'], roles.role);
