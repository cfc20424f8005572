"""Close CRM to monthly KPI tables to Google Sheets: what the DAGs in ``dags/`` are made of."""

__version__ = "0.2.0"
