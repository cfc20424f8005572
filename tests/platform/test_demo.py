"""`make demo`: its options, its account and settings, and what it leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from sandbox.demo.__main__ import parse
from sandbox.demo.account import BadAccountError, end_of_day, prepare_account, prepare_settings
from sandbox.demo.results import prepare_out
from sandbox.demo.services import Services
from tests.support.lake import read_attached

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[2]
ODD_ACCOUNT = ROOT / "tests" / "fixtures" / "odd_account"
DEFAULT_SETTINGS = ROOT / "include" / "kpis.yaml"


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the demo as make does."""
    return subprocess.run(
        [sys.executable, "-m", "sandbox.demo", "--once", "1", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "plugins")},
        capture_output=True,
        text=True,
        check=False,
    )


def write_rows(folder: Path, resource: str, rows: Iterable[object]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{resource}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def test_empty_values_count_as_not_given() -> None:
    """Make passes every switch, set or not."""
    options = parse(["--account", "", "--settings", "", "--as-of", "", "--out", "", "--once", ""])
    assert (options.account, options.settings, options.as_of, options.out, options.once) == (None,) * 4 + (False,)


def test_a_day_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--as-of", "30.6.2026"])
    assert "AS_OF=30.6.2026: write the day as YYYY-MM-DD" in capsys.readouterr().err


def test_a_folder_without_an_account_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadAccountError, match=r"no account folder.*leads\.jsonl"):
        prepare_account(tmp_path, tmp_path, None)


def test_settings_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadAccountError, match="there is no such file"):
        prepare_settings(tmp_path / "none.yaml", None, DEFAULT_SETTINGS, tmp_path)


def test_an_account_brings_its_own_settings(tmp_path: Path) -> None:
    assert prepare_settings(None, ODD_ACCOUNT, DEFAULT_SETTINGS, tmp_path) == (ODD_ACCOUNT / "kpis.yaml", [])


def test_given_settings_win(tmp_path: Path) -> None:
    given = tmp_path / "mine.yaml"
    given.write_text("timezone: UTC\n")
    assert prepare_settings(given, ODD_ACCOUNT, DEFAULT_SETTINGS, tmp_path) == (given, [])


def test_names_that_another_account_lacks_are_left_out_and_told(tmp_path: Path) -> None:
    account = tmp_path / "account"
    write_rows(account, "lead_statuses", [{"id": "stat_1", "label": "Customer"}])
    path, left_out = prepare_settings(None, account, DEFAULT_SETTINGS, tmp_path)
    settings = yaml.safe_load(path.read_text())
    assert settings["lead_statuses"] == {"trial": [], "customer": ["Customer"], "churned": [], "lost": []}
    assert settings["source_field"] is None
    assert settings["timezone"] == "America/New_York"
    assert "lead_statuses.trial: Trial" in left_out
    assert "source_field: Lead source" in left_out


def test_the_clock_stands_at_the_end_of_the_local_day() -> None:
    assert end_of_day(date(2026, 3, 8), "America/New_York").isoformat() == "2026-03-08T23:59:59-04:00"


def test_results_of_an_earlier_demo_are_replaced(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    lake.mkdir()
    (lake / "catalog.sqlite").touch()
    (tmp_path / "workbook.json").touch()
    (tmp_path / "mine.txt").touch()
    prepare_out(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_lake_folder_that_is_no_demos_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "holiday.jpg").touch()
    with pytest.raises(FileExistsError, match="choose another OUT folder"):
        prepare_out(tmp_path)
    assert (tmp_path / "lake" / "holiday.jpg").exists()


def test_no_process_shows_a_key_in_its_arguments(tmp_path: Path) -> None:
    with ExitStack() as stack:
        services = Services.start(
            account=ODD_ACCOUNT, spreadsheet_id=None, as_of=None, folder=tmp_path, root=ROOT, stack=stack
        )
        arguments = [path.read_bytes().decode(errors="replace") for path in Path("/proc").glob("[0-9]*/cmdline")]
        assert any("sandbox.close_api" in line and str(tmp_path) in line for line in arguments)
        secrets = [services.close_api_key, services.google_key["private_key"][40:80]]
        assert [line for line in arguments for secret in secrets if secret in line] == []


@pytest.mark.e2e
def test_an_account_of_oddities_reaches_the_workbook(tmp_path: Path) -> None:
    """Odd nulls, back-dated mail, future meetings, unknown users: the whole way, and all of it in OUT."""
    done = demo("--account", str(ODD_ACCOUNT), "--as-of", "2025-03-20", "--out", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr

    workbook = json.loads((tmp_path / "workbook.json").read_text())
    assert [sheet["properties"]["title"] for sheet in workbook["sheets"][:3]] == ["Summary", "Growth", "MRR"]
    runs = {run["dag_id"]: run for run in json.loads((tmp_path / "runs.json").read_text())}
    assert set(runs) == {"close_sync", "sales_kpis", "sheets_publish"}
    assert all(run["state"] == "success" and run["seconds"] > 0 for run in runs.values())
    months = read_attached(
        tmp_path / "lake", "select month::varchar, is_running from kpi.growth_monthly order by month"
    )
    assert months[-1] == ("2025-03-01", True)
    assert [month for month, is_running in months if is_running] == ["2025-03-01"]


def test_refused_settings_end_the_demo_with_what_is_wrong(tmp_path: Path) -> None:
    settings = tmp_path / "mine.yaml"
    settings.write_text("timezone: UTC\ntimezone: Europe/Berlin\n")
    ended = demo("--settings", str(settings), "--account", str(ODD_ACCOUNT), "--out", str(tmp_path / "out"))
    assert ended.returncode == 1
    assert "mine.yaml, line 2: timezone: this key stands in line 1 already" in ended.stdout
    assert ended.stdout.count("\n") == 2
    assert "Error" not in ended.stdout + ended.stderr
    assert not (tmp_path / "out").exists()
