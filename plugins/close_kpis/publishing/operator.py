"""The operator that publishes the workbook, with its link in the Airflow UI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, BaseOperatorLink
from airflow.sdk.execution_time.xcom import XCom

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context
    from airflow.sdk.types import TaskInstanceKey


class GoogleSheetLink(BaseOperatorLink):
    """The button "Open in Google Sheets" on the task's Details tab."""

    name = "Open in Google Sheets"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the address of the workbook that the task published, empty if it did not get so far.

        Args:
            operator: the task's operator.
            ti_key: the task instance whose result carries the address.
        """
        published = XCom.get_value(ti_key=ti_key, key="return_value")
        return str(published["url"]) if published else ""


class PublishWorkbookOperator(BaseOperator):
    """Write what the lake's KPI tables say to the Google Sheets workbook.

    Args:
        lake_conn_id: connection of the lake (type ``ducklake``).
        sheets_conn_id: connection of the Google account (type ``google_cloud_platform``).
        **kwargs: of every operator.
    """

    template_fields = ("lake_conn_id", "sheets_conn_id")
    operator_extra_links = (GoogleSheetLink(),)

    def __init__(self, *, lake_conn_id: str, sheets_conn_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lake_conn_id = lake_conn_id
        self.sheets_conn_id = sheets_conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Publish, and return the workbook's address with the counts of what was written."""
        from close_kpis.lake.hook import LakeHook
        from close_kpis.paths import settings_path
        from close_kpis.publishing.publish import publish_workbook
        from close_kpis.workbook.google.hook import GoogleSheetsHook

        lake, google = LakeHook(self.lake_conn_id).config, GoogleSheetsHook(self.sheets_conn_id)
        return publish_workbook(
            lake, google, run_id=context["run_id"], settings_file=settings_path(), run_url=context["ti"].log_url
        )
