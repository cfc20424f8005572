-- At most one row: the MRR movements of $month.
select *
from kpi.mrr_movements_monthly
where month = cast($month as date);
