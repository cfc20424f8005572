-- One row: whether the computation $computation_id was released before.
select count(*) > 0 as is_released from kpi.computations where computation_id = $computation_id;
