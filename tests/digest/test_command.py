"""The command ``digest``: what would be sent, without sending it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_kpis.commands.arguments import main
from tests.digest.conftest import BOARD, INVESTORS, LATER, SATURDAY_AT_NINE, TEAM

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tests.digest.conftest import Office


@pytest.fixture(autouse=True)
def at_nine(monkeypatch: pytest.MonkeyPatch) -> None:
    set_now(monkeypatch, SATURDAY_AT_NINE)


def set_now(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr("close_kpis.commands.digest.now", lambda zone="UTC": at)


def test_the_digest_is_printed_as_text(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    office.set_audiences(TEAM, INVESTORS)
    assert main(["digest"]) == 0
    told = capsys.readouterr().out
    assert "== team ==\nTo #revenue; every week, last due on 20 Jun 2026, 09:00 for 2026-W25." in told
    assert "== investors ==" in told
    assert "MRR: €" in told
    assert office.slack.calls == office.mailbox.mails == office.states == []


def test_a_page_shows_it_with_its_looks(office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    office.set_audiences(TEAM, BOARD)
    page = tmp_path / "out.html"
    assert main(["digest", "--preview", str(page), "--audience", "board"]) == 0
    shown = page.read_text(encoding="utf-8")
    assert shown.count("srcdoc=") == 2
    assert "data:image/png;base64," in shown
    assert "<h1>board</h1>" in shown
    assert "<h1>team</h1>" not in shown
    assert "what board would get" in capsys.readouterr().out


def test_what_would_not_be_sent_says_why(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_now(monkeypatch, SATURDAY_AT_NINE + LATER)
    assert main(["digest"]) == 1
    assert "Would not be sent now because the last sync with Close is late" in capsys.readouterr().out


def test_without_an_audience_an_example_is_shown(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    office.settings_file.write_text("timezone: America/New_York\n", encoding="utf-8")
    assert main(["digest"]) == 0
    assert "== example (no audience is set yet) ==" in capsys.readouterr().out


def test_an_audience_that_there_is_not_is_no_answer(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["digest", "--audience", "board"]) == 2
    assert "kpis.yaml has no audience 'board'; it has 'team'" in capsys.readouterr().err
