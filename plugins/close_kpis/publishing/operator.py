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
        account: the name of the `Account`; empty for the only one.
        **kwargs: of every operator.
    """

    operator_extra_links = (GoogleSheetLink(),)

    def __init__(self, *, account: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.account = account

    def execute(self, context: Context) -> dict[str, Any]:
        """Publish, and return the workbook's address with the counts of what was written."""
        from close_kpis.accounts import ACCOUNTS, Account
        from close_kpis.lake.hook import LakeHook
        from close_kpis.publishing.ownership import require_own_spreadsheet
        from close_kpis.publishing.publish import publish_workbook
        from close_kpis.workbook.google.hook import GoogleSheetsHook

        account = Account(self.account)
        require_own_spreadsheet(account, ACCOUNTS)
        return publish_workbook(
            LakeHook(account.lake_conn).config,
            GoogleSheetsHook(account.sheets_conn),
            run_id=context["run_id"],
            settings_file=account.settings_file,
            run_url=context["ti"].log_url,
        )
