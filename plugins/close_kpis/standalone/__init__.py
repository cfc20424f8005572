"""Airflow of one machine, without Docker: started, followed and stopped by one command."""
