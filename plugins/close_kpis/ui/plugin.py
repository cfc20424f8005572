"""The Airflow plugin: what the package adds to the UI and to the scheduler."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from close_kpis.alerts.deadline import SyncDeadline
from close_kpis.publishing.operator import GoogleSheetLink
from close_kpis.ui import listener
from close_kpis.ui.page.entry import PREFIX, Entry


class CloseKpisPlugin(AirflowPlugin):
    """Registers the link to the workbook, the page, what is loaded ahead of the tasks, and the deadline of a sync."""

    name = "close_kpis"
    operator_extra_links = [GoogleSheetLink()]  # noqa: RUF012 - what Airflow declares and reads
    listeners = [listener]  # noqa: RUF012 - likewise
    fastapi_apps = [{"name": "Sales KPIs", "app": Entry(), "url_prefix": PREFIX}]  # noqa: RUF012 - likewise
    external_views = [  # noqa: RUF012 - likewise
        {
            "name": "Sales KPIs",
            # Relative to where Airflow is served.
            "href": f"{PREFIX.removeprefix('/')}/",
            "url_route": "sales-kpis",
            "destination": "nav",
            "nav_top_level": True,
        }
    ]
    deadline_references = [SyncDeadline]  # noqa: RUF012 - likewise
