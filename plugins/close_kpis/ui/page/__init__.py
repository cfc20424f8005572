"""The page "Sales KPIs" in Airflow's UI: the state of the pipeline, the growth report, the records behind a number."""
