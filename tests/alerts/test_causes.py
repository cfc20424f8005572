"""What an error is called, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest

from close_kpis.alerts.causes import Alarm, failure_of
from close_kpis.close.errors import CloseAuthError, CloseRateLimited, CloseServerError, CloseUnavailableError
from close_kpis.kpis.checks import GateError
from close_kpis.messaging.errors import MessageRefusedError
from close_kpis.settings.errors import SettingsError
from close_kpis.workbook.google.errors import SheetsAccessError, SheetsProtectedError, SheetsQuotaError


def told(error: BaseException | None, instance: str = "") -> tuple[str, Alarm]:
    """Return the kind and the message of a task's failure."""

    class Instance:
        dag_id, task_id, log_url = "sales_kpis", "work", "http://localhost"
        map_index, rendered_map_index = (0, instance) if instance else (-1, None)

    context: dict[str, Any] = {"ti": Instance(), "exception": error}
    cause, alarm = failure_of(context)
    return cause.kind, alarm


@pytest.mark.parametrize(
    ("error", "kind", "subject"),
    [
        (CloseAuthError("401"), "refused", "Close refuses access"),
        (CloseUnavailableError("the plan does not offer it"), "refused", "Close refuses access"),
        (SheetsAccessError("share the spreadsheet"), "refused", "Google refuses access"),
        (SheetsProtectedError("take the protection away"), "refused", "Google refuses access"),
        (MessageRefusedError("invite the bot"), "refused", "Slack or the mail server refuses a message"),
        (CloseRateLimited("429"), "quota", "Close's rate limit is used up"),
        (SheetsQuotaError("Google Sheets: 429"), "quota", "Google's quota is used up"),
        (GateError("the lake is empty"), "gate", "a check has stopped the publish"),
        (CloseServerError("503"), "failure", "the task work has failed"),
        (SettingsError("timezone: not one"), "failure", "the task work has failed"),
        (KeyError("x"), "failure", "the task work has failed"),
        (None, "failure", "the task work has failed"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_error_is_called_by_what_has_to_be_mended(error: Exception | None, kind: str, subject: str) -> None:
    found, alarm = told(error)
    assert (found, alarm.subject) == (kind, f"sales_kpis: {subject}")
    if type(error).__module__.startswith("close_kpis."):
        assert str(error) in alarm.text


def test_names_that_the_account_does_not_have_are_a_check_that_stops_the_publish() -> None:
    kind, alarm = told(SettingsError("lead_statuses.trial: 'Trail' is none"), "configured_names_exist")
    assert kind == "gate"
    assert alarm.subject == "sales_kpis: a check has stopped the publish (configured_names_exist)"
    assert "'Trail' is none" in alarm.text


def test_a_subject_is_one_line_whatever_an_instance_is_called() -> None:
    _, alarm = told(KeyError("x"), "team\r\nBcc: eve@example.com")
    assert "\n" not in alarm.subject
    assert "eve@example.com" not in alarm.subject


def test_a_message_comes_back_from_its_record_as_it_was() -> None:
    alarm = Alarm("subject", 'text "with" \n all', (("record", "https://x"), ("other", "")), "remedy", "https://run")
    assert Alarm.from_json(alarm.to_json()) == alarm
