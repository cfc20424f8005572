-- Grain: tab, month, entity, kpi. The restated values, with the rep's name.
select restated.*, coalesce(nullif(trim(concat_ws(' ', users.first_name, users.last_name)), ''), users.email, restated.entity) as name
from temp.restated
left join raw.users as users on restated.tab = 'Reps' and restated.entity = users.id
order by restated.month desc, restated.tab, name, restated.entity, restated.kpi;
