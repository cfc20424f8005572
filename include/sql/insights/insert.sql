-- $rows: a list of insights.
insert into kpi.insights (insight, user_id, n, estimate, low, high, sentence)
select item.insight, item.user_id, item.n, item.estimate, item.low, item.high, item.sentence
from (
    select unnest(cast($rows as struct(
        insight varchar, user_id varchar, n bigint, estimate double, low double, high double, sentence varchar
    )[])) as item
);
