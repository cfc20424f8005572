"""When a sync is late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import BaseDeadlineReference  # type: ignore[attr-defined] # missing in its stub

from close_kpis.reporting import logger

log = logger(__name__)


class SyncDeadline(BaseDeadlineReference):  # type: ignore[misc] # as above
    """So many hours after a run was made as kpis.yaml says then (``alerts``); never where it names nobody.

    Args:
        account: the name of the `Account`.

    The scheduler asks when it makes a run. `DeadlineAlert` has an interval of its own, but that is fixed when the DAG
    file is read, and reading a DAG file must not read the settings.
    Source: airflow/serialization/definitions/deadline.py, ``SerializedCustomReference``.
    """

    def __init__(self, account: str = "") -> None:
        self.account = account

    def serialize_reference(self) -> dict[str, Any]:
        """Return it as the scheduler keeps it."""
        return {**super().serialize_reference(), "account": self.account}

    @classmethod
    def deserialize_reference(cls, reference_data: dict[str, Any]) -> SyncDeadline:
        """Return what the scheduler has kept; an earlier version knew one account only."""
        return cls(reference_data.get("account", ""))

    def _evaluate_with(self, *, session: Any, **_: Any) -> datetime | None:
        """Return the deadline, None for none; an error here would keep the scheduler from making the run."""
        from close_kpis.accounts import Account
        from close_kpis.alerts.causes import shown_error
        from close_kpis.settings.alerts import load_alerts

        del session
        try:
            alerts = load_alerts(Account(self.account).settings_file)
        except Exception as error:
            log.error("This run has no deadline: %s", shown_error(error))
            return None
        return datetime.now(UTC) + timedelta(hours=alerts.sync_deadline_hours) if alerts.recipients() else None
