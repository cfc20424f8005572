"""The section ``alerts``: who is told of failures, and what a reader is told when it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_kpis.settings.alerts import load_alerts
from close_kpis.settings.errors import SettingsError
from close_kpis.settings.file import load
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from close_kpis.settings.alerts import Alerts


def read(folder: Path, text: str) -> Alerts:
    """Return the section as both ways of reading it find it."""
    file = folder / "kpis.yaml"
    file.write_text(text, encoding="utf-8")
    alerts = load(file).alerts
    assert load_alerts(file) == alerts
    return alerts


@pytest.mark.parametrize("text", ["", "alerts:\n  # nobody yet\n", "alerts: {}"])
def test_without_the_section_nobody_is_told(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text).recipients() == []


def test_the_settings_that_are_shipped_tell_nobody() -> None:
    assert load_alerts(ROOT / "include" / "kpis.yaml").recipients() == []


def test_everybody_who_is_named_is_told(tmp_path: Path) -> None:
    alerts = read(tmp_path, 'alerts: {slack_channel: "#revops", addresses: [ann@example.com, ann@example.com]}')
    assert alerts.recipients() == [("slack", "#revops"), ("mail", "ann@example.com")]
    assert (alerts.sync_deadline_hours, alerts.restated_months) == (3, 3)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("sync_deadline_hours: 2", "alerts: nobody gets the alarms: name slack_channel, slack_webhook or addresses"),
        ("addresses: ann@example.com", "alerts.addresses: 'ann@example.com' does not fit: write a list of e-mail"),
        ("addresses: [ann]", "alerts.addresses, item 1: 'ann' is not an e-mail address"),
        ("slack_channel: c, sync_deadline_hours: 0", "0 does not fit: write a whole number of hours from 1 to 168"),
        ("slack_channel: c, sync_deadline_hours: soon", "'soon' does not fit: write a whole number of hours"),
        ("slack_channel: c, restated_months: -1", "-1 does not fit: write a whole number of closed months"),
        ("slack: c", "alerts.slack: unknown key; did you mean slack_webhook or slack_channel"),
        ('slack_channel: "<!channel>"', "is not a Slack channel"),
        ("slack_channel: c, slack_webhook: w", "a webhook has its channel already"),
    ],
)
def test_what_cannot_be_is_told_with_what_can(tmp_path: Path, keys: str, told: str) -> None:
    for reader in (load, load_alerts):
        file = tmp_path / "kpis.yaml"
        file.write_text(f"alerts: {{{keys}}}", encoding="utf-8")
        with pytest.raises(SettingsError) as error:
            reader(file)
        assert told in str(error.value)
        assert "line 1" in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        'alerts: {slack_webhook: "https://hooks.example.com/T0/B0/verysecret"}',
        "alerts: {slack_channel: xoxb-1-verysecret}",  # pragma: allowlist secret
        'alerts: "https://hooks.example.com/T0/B0/verysecret"',
    ],
)
def test_a_secret_in_the_wrong_place_is_not_quoted(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError) as error:
        read(tmp_path, text)
    assert "verysecret" not in str(error.value)


def test_the_section_is_read_whatever_else_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "kpis.yaml"
    file.write_text('timezone: Nowhere\nalerts: {slack_channel: "#revops"}\n', encoding="utf-8")
    assert load_alerts(file).slack_channel == "#revops"
