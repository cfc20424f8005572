-- Grain: rule, record. What the workbook shows of kpi.data_quality, with the name and the address of the record's lead.
select
    data_quality.rule,
    data_quality.severity,
    data_quality.record_type,
    data_quality.record_id,
    data_quality.lead_id,
    leads.display_name as lead_name,
    leads.html_url as lead_url,
    data_quality.detail
from kpi.data_quality as data_quality
left join raw.leads as leads on data_quality.lead_id = leads.id
order by data_quality.rule, data_quality.record_id;
