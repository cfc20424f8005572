"""`python -m close_kpis setup` in a terminal, against both sandboxes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from close_kpis.commands.arguments import main
from close_kpis.settings.file import load
from close_kpis.standalone.env_file import EnvFile
from sandbox.close_api import CloseSandbox
from sandbox.sheets_api import SheetsSandbox
from tests.commands.accounts import PATHS_WITHOUT_TRIAL, write_account
from tests.support.terminal import CTRL_C, CTRL_D, ROOT, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RESTRICTED = "api_of.junior"
NOT_ENABLED = (
    "Google Sheets API has not been used in project 17 before or it is disabled. Enable it by visiting "
    "https://console.developers.google.com/apis/api/sheets.googleapis.com/overview?project=17 then retry."
)


@dataclass
class Desk:
    """A machine on which nothing is set up, an account without a customer status, a spreadsheet that is not shared."""

    close: CloseSandbox
    sheets: SheetsSandbox
    spreadsheet_id: str
    folder: Path

    @property
    def env(self) -> Path:
        return self.folder / ".env"

    @property
    def settings(self) -> Path:
        return self.folder / "kpis.yaml"

    @property
    def key(self) -> Path:
        return self.folder / "Downloads" / "a key-1.json"

    def setup(self) -> Terminal:
        files = ("--env", str(self.env), "--settings", str(self.settings), "--lake", str(self.folder / "state/lake"))
        return Terminal("setup", *files)

    def share(self) -> None:
        [book] = self.sheets.store.books()
        book.shared = True


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    folder = tmp_path / "project"
    (folder / "Downloads").mkdir(parents=True)
    account = write_account(tmp_path / "account", PATHS_WITHOUT_TRIAL)
    keys = {RESTRICTED: "user_anna"}
    with CloseSandbox(account, rate=0, search_rate=0, restricted_keys=keys) as close, SheetsSandbox(tmp_path) as sheets:
        found = Desk(close, sheets, sheets.create_spreadsheet("Our KPIs", shared=False), folder)
        found.key.write_text(json.dumps(sheets.service_account_info()))
        found.env.write_text(
            f"# Ours.\nCLOSE_BASE_URL={close.url}\nSHEETS_API_ENDPOINT={sheets.url}\nMINE=a b # kept\n"
        )
        found.settings.write_text((ROOT / "include" / "kpis.yaml").read_text(encoding="utf-8"))
        yield found


@pytest.mark.slow
def test_account_is_set_up_whatever_goes_wrong_and_taken_up_where_it_stopped(desk: Desk) -> None:
    with desk.setup() as terminal:
        _give_close_key(terminal, desk)
        _give_google_key(terminal, desk)
        terminal.expect("Address or id of the spreadsheet")
        terminal.type("not an address")
        terminal.expect("copy the whole address")
        terminal.type(f"https://docs.google.com/spreadsheets/d/{desk.spreadsheet_id}/edit?gid=0#gid=0")
        terminal.expect("share it as Editor")
        terminal.expect("or Enter to try again")
        terminal.press(CTRL_C)
        assert terminal.end() == 130
        assert "the same command goes on from there" in terminal.shown
        assert desk.close.api_key not in terminal.shown
        assert RESTRICTED not in terminal.shown
    stored = EnvFile(desk.env).values()
    assert stored["CLOSE_API_KEY"] == desk.close.api_key
    assert "SPREADSHEET_ID" not in stored
    assert desk.env.stat().st_mode & 0o777 == 0o600
    assert desk.env.read_text().startswith("# Ours.\n")
    assert "MINE=a b # kept\n" in desk.env.read_text()

    desk.share()
    desk.sheets.faults.add("status", path="/v4/", status=403, message=NOT_ENABLED, reason="SERVICE_DISABLED")
    with desk.setup() as terminal:
        before = terminal.expect("Address or id of the spreadsheet")
        assert "ok      Close: connected to" in before
        assert "ok      Google: " in before
        terminal.type(desk.spreadsheet_id)
        assert "overview?project=17" in terminal.expect("or Enter to try again")
        desk.sheets.faults.add(
            "status", path="/v4/", status=400, message="This operation is not supported for this document"
        )
        terminal.type("")
        assert "File > Save as Google Sheets" in terminal.expect("or Enter to try again")
        terminal.type("")
        terminal.expect("can edit 'Our KPIs' as ")
        _say_who_is_a_customer(terminal, desk)
        assert terminal.end() == 0
        assert "docker compose up -d --build" in terminal.shown
        assert "make run" in terminal.shown
    stored = EnvFile(desk.env).values()
    assert stored["SPREADSHEET_ID"] == desk.spreadsheet_id
    assert stored["REPORTING_TIMEZONE"] == "Europe/Berlin"
    for secret in ("AIRFLOW_ADMIN_PASSWORD", "AIRFLOW_FERNET_KEY", "AIRFLOW_JWT_SECRET", "POSTGRES_PASSWORD"):
        assert stored[secret]
        assert stored[secret] not in terminal.shown
    assert desk.sheets.spreadsheet(desk.spreadsheet_id)["properties"]["title"] == "Our KPIs"

    stood = desk.env.read_text(), desk.settings.read_text()
    with desk.setup() as terminal:
        assert terminal.end() == 0
        assert f"ok      Settings: {desk.settings} fits the account" in terminal.shown
    assert (desk.env.read_text(), desk.settings.read_text()) == stood


def _give_close_key(terminal: Terminal, desk: Desk) -> None:
    terminal.expect("API key of Close")
    terminal.type("api_wrong.key")
    assert "401" in terminal.expect("Nothing was stored.")
    terminal.expect("API key of Close")
    terminal.type('"}, {"')
    terminal.expect("That is no API key")
    terminal.expect("API key of Close")
    terminal.type(RESTRICTED)
    terminal.expect("ITS ROLE, Restricted User, DOES NOT SEE ALL LEADS")
    terminal.expect("Take this key all the same? [y/N]")
    terminal.type("")
    terminal.expect("API key of Close")
    terminal.type(desk.close.api_key)
    terminal.expect("ok      Close: connected to")


def _give_google_key(terminal: Terminal, desk: Desk) -> None:
    terminal.expect("https://console.cloud.google.com/apis/library/sheets.googleapis.com")
    terminal.expect("Path of the key file")
    terminal.type(str(desk.folder / "nowhere.json"))
    terminal.expect("No such file")
    terminal.expect("Path of the key file")
    terminal.type(str(desk.settings))
    terminal.expect("is not JSON")
    terminal.expect("Path of the key file")
    terminal.type(f"'{desk.key}'")
    terminal.expect("the key is in secrets/google-key.json")
    copy = desk.folder / "secrets" / "google-key.json"
    assert copy.read_text() == desk.key.read_text()
    assert copy.stat().st_mode & 0o777 == 0o644
    assert copy.parent.stat().st_mode & 0o777 == 0o700


def _say_who_is_a_customer(terminal: Terminal, desk: Desk) -> None:
    terminal.expect("who is a customer? No lead status is named like a customer's")
    listed = terminal.expect("Which of them do customers have?")
    [number] = [line.split()[0] for line in listed.splitlines() if line.split()[1:] == ["Live"]]
    terminal.type("99")
    terminal.expect("A number from 1 to")
    terminal.type(number)
    terminal.expect("Preview: the last twelve months as the proposal would publish them")
    before = desk.settings.read_text()
    terminal.expect("Write this to")
    assert desk.settings.read_text() == before
    terminal.type("y")
    terminal.expect("is written")
    assert load(desk.settings).lead_statuses.customer == ("Live",)
    [copy] = desk.settings.parent.glob("kpis.2*.yaml")
    assert copy.read_text() == before


@pytest.mark.slow
def test_what_must_not_be_published_is_not_written(desk: Desk) -> None:
    desk.share()
    EnvFile(desk.env).save({
        "CLOSE_API_KEY": desk.close.api_key,
        "GOOGLE_KEY_FILE": str(desk.key),
        "SPREADSHEET_ID": desk.spreadsheet_id,
    })
    before = desk.settings.read_text()
    with desk.setup() as terminal:
        terminal.expect("Which of them do customers have?")
        terminal.type("")
        assert terminal.end() == 2
        assert "must not be published as they stand" in terminal.shown
    assert desk.settings.read_text() == before
    assert (desk.folder / "kpis.proposed.yaml").read_text().startswith("# DECIDE FIRST")


def test_closed_terminal_leaves_nothing_half_written(desk: Desk) -> None:
    with desk.setup() as terminal:
        terminal.expect("API key of Close")
        terminal.press(CTRL_D)
        assert terminal.end() == 130
    assert sorted(path.name for path in desk.folder.iterdir()) == [".env", "Downloads", "kpis.yaml"]


def test_without_a_terminal_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["setup"]) == 2
    assert "there is no terminal to answer them in" in capsys.readouterr().err
    piped = subprocess.run(
        [sys.executable, "-m", "close_kpis", "setup"],
        input="y\n" * 9,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "plugins")},
    )
    assert piped.returncode == 2
    assert "README, Connect your account" in piped.stderr
