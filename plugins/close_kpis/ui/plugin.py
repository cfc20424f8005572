"""The Airflow plugin: what the package adds to the UI, and when a sync is late."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from close_kpis.alerts.deadline import SyncDeadline
from close_kpis.publishing.operator import GoogleSheetLink


class CloseKpisPlugin(AirflowPlugin):
    """Registers the link from the publish task to the workbook, and the deadline of a sync."""

    name = "close_kpis"
    operator_extra_links = [GoogleSheetLink()]  # noqa: RUF012 - what Airflow declares and reads
    deadline_references = [SyncDeadline]  # noqa: RUF012 - as above
