"""The section ``digest``: who gets a digest, and what a reader is told when it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_kpis.headlines.figures import HEADLINES
from close_kpis.settings.errors import SettingsError
from close_kpis.settings.file import Settings, load

if TYPE_CHECKING:
    from pathlib import Path


def read(folder: Path, text: str) -> Settings:
    file = folder / "kpis.yaml"
    file.write_text(text, encoding="utf-8")
    return load(file)


def test_without_the_section_nobody_gets_a_digest(tmp_path: Path) -> None:
    assert read(tmp_path, "digest:\n  # nobody yet\n").digest == {}


def test_an_audience_gets_the_summary_every_monday_at_nine_unless_it_says_otherwise(tmp_path: Path) -> None:
    audience = read(tmp_path, 'digest: {team: {slack_channel: "#revenue"}}').digest["team"]
    assert (audience.every, audience.weekday, audience.hour, audience.locale) == ("week", "Monday", 9, "en_US")
    assert audience.figures() == HEADLINES
    assert (audience.tells_running_month, audience.tells_names) == (True, True)


def test_investors_are_told_of_closed_months_and_of_nobody_by_name(tmp_path: Path) -> None:
    text = "digest: {investors: {every: month, addresses: [ann@example.com], kpis: [growth.mrr_cents], locale: de-DE}}"
    audience = read(tmp_path, text).digest["investors"]
    assert (audience.day, audience.locale) == (3, "de_DE")
    assert audience.kpis == ("growth.mrr",)
    assert (audience.tells_running_month, audience.tells_names) == (False, False)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("hour: 9", "digest.team: nobody gets this digest: name slack_channel, slack_webhook or addresses"),
        ("addresses: [], hour: 9", "nobody gets this digest"),
        ("addresses: ann@example.com", "digest.team.addresses: 'ann@example.com' does not fit: write a list of e-mail"),
        ("addresses: [ann]", "digest.team.addresses, item 1: 'ann' is not an e-mail address"),
        ('addresses: ["ann@example.com\\nBcc: eve@example.com"]', "is not an e-mail address"),
        ('addresses: ["Ann <ann@example.com>"]', "is not an e-mail address"),
        ("slack_channel: c, every: day", "digest.team.every: 'day' does not fit: write week or month"),
        ("slack_channel: c, weekday: Mon", "digest.team.weekday: 'Mon' does not fit: write the name of a day"),
        ("slack_channel: c, day: 31", "digest.team.day: 31 does not fit: write a day of the month from 1 to 28"),
        ('slack_channel: c, hour: "9:30"', "digest.team.hour: '9:30' does not fit: write a full hour from 0 to 23"),
        ("slack_channel: c, locale: german", "'german' is not a language of numbers: write one such as en_US"),
        ("slack_channel: c, kpis: []", "digest.team.kpis: a list does not fit: write a list of 1 to 20 KPIs"),
        ("slack_channel: c, kpis: [growth.mmr]", "did you mean growth.mrr"),
        ("slack_channel: c, kpis: [sources.win_rate]", "'sources.win_rate' is no KPI of a month"),
        ("slack_channel: c, slack: d", "digest.team.slack: unknown key"),
        ('slack_channel: "<!channel>"', "is not a Slack channel"),
        ("slack_channel: c, slack_webhook: w", "a webhook has its channel already"),
    ],
)
def test_what_cannot_be_is_told_with_what_can(tmp_path: Path, keys: str, told: str) -> None:
    with pytest.raises(SettingsError) as error:
        read(tmp_path, f"digest: {{team: {{{keys}}}}}")
    assert told in str(error.value)
    assert "line 1" in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        'digest: {team: {slack_webhook: "https://hooks.example.com/T0/B0/verysecret"}}',
        "digest: {team: {slack_channel: xoxb-1-verysecret}}",  # pragma: allowlist secret
        'digest: {team: "https://hooks.example.com/T0/B0/verysecret"}',
    ],
)
def test_a_secret_in_the_wrong_place_is_not_quoted(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError) as error:
        read(tmp_path, text)
    assert "verysecret" not in str(error.value)
    assert "digest.team" in str(error.value)
