-- Grain: lead_id. The leads whose history does not lead to their status: Close's report goes by the history, the KPIs by the status.
select lead_id, detail from kpi.data_quality where rule = 'status_mismatch' order by lead_id;
