-- Grain: source. The sources of the source report.
select source from kpi.source_all_time order by source;
