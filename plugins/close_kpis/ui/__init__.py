"""What the package adds to the Airflow UI: connection forms and links."""
