"""Which exceptions are worth another try."""

from __future__ import annotations

import pytest

from close_kpis.close.errors import (
    CloseAuthError,
    CloseConnectionError,
    CloseCursorError,
    CloseNotFoundError,
    CloseRateLimited,
    CloseServerError,
)
from close_kpis.kpis.checks import GateError
from close_kpis.lake.config import CommitConflictError
from close_kpis.settings.errors import SettingsError
from close_kpis.workbook.google.errors import SheetsAccessError, SheetsConfigError, SheetsWriteUncertainError


@pytest.mark.parametrize(
    "error",
    [
        CloseAuthError("401"),
        CloseNotFoundError("404"),
        SettingsError("unknown key"),
        GateError("the numbers do not hold"),
        SheetsAccessError("403"),
        SheetsConfigError("no spreadsheet is named"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_trying_again_cannot_mend_fails_at_once(error: Exception) -> None:
    from airflow.sdk import RetryAction

    from close_kpis.dag_defaults import RETRY_POLICY

    assert RETRY_POLICY.evaluate(error, try_number=1, max_tries=3).action is RetryAction.FAIL


@pytest.mark.parametrize(
    "error",
    [
        CloseCursorError("expired"),
        CloseRateLimited("429"),
        CloseServerError("503"),
        CloseConnectionError("reset"),
        CommitConflictError("another writer was faster"),
        SheetsWriteUncertainError("no answer"),
        TimeoutError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_passing_failure_is_tried_again(error: Exception) -> None:
    from airflow.sdk import RetryAction

    from close_kpis.dag_defaults import RETRY_POLICY

    assert RETRY_POLICY.evaluate(error, try_number=1, max_tries=3).action is not RetryAction.FAIL
