"""The Airflow plugin: what the package adds to the UI."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from close_kpis.publishing.operator import GoogleSheetLink
from close_kpis.ui import listener


class CloseKpisPlugin(AirflowPlugin):
    """Registers the link from the publish task to the workbook, and what is loaded ahead of the tasks."""

    name = "close_kpis"
    operator_extra_links = [GoogleSheetLink()]  # noqa: RUF012 - what Airflow declares and reads
    listeners = [listener]  # noqa: RUF012 - likewise
