"""``check-settings``: a settings file is checked where it is written, without Airflow and without Close."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from close_kpis.commands.arguments import main
from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import connect, transaction
from tests.commands.accounts import GERMAN_PATHS, write_account
from tests.support.lake import load_account

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WITHOUT_AIRFLOW = """
import sys
from importlib.abc import MetaPathFinder

class Nowhere(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] == 'airflow':
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Nowhere())
from close_kpis.commands.arguments import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def german_lake(tmp_path: Path) -> Path:
    """A lake's folder that holds an account with German statuses."""
    account = write_account(tmp_path / "account", GERMAN_PATHS)
    config = LakeConfig(f"sqlite:{tmp_path}/lake/catalog.sqlite", str(tmp_path / "lake" / "data"))
    con = connect(config)
    with transaction(con, config):
        load_account(con, account, datetime(2026, 6, 1, tzinfo=UTC))
    con.close()
    return tmp_path / "lake"


def written(folder: Path, text: str) -> Path:
    file = folder / "kpis.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_refused_settings_are_told_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, "timezone: UTC\nholidays: [12/25/2026]\ndigests: {}\n")
    assert main(["check-settings", str(file), "--offline"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    first, second = told.err.splitlines()
    assert first.startswith("kpis.yaml, line 2: holidays, item 1: '12/25/2026' is not a date")
    assert second.startswith("kpis.yaml, line 3: digests: unknown key")


def test_possible_settings_are_told_to_be_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, "timezone: UTC\ndemo: {rule: task, title_pattern: '(?i)tour'}\n")
    assert main(["check-settings", str(file), "--offline"]) == 0
    told = capsys.readouterr().out
    assert "every key and value is possible" in told
    assert "Note: demo.title_pattern is not read, because demo.rule is task" in told


def test_a_file_that_is_not_there_is_no_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-settings", str(tmp_path / "none.yaml")]) == 2
    assert "there is no settings file" in capsys.readouterr().err


def test_names_are_held_against_the_lake(tmp_path: Path, german_lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(
        tmp_path, "lead_statuses:\n  customer:\n    - Kunde\n    - Kunden\n  trial: [Probe]\nsource_field: Herkunft\n"
    )
    assert main(["check-settings", str(file), "--lake", str(german_lake)]) == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 3
    assert told[0].startswith("kpis.yaml, line 5: lead_statuses.trial: the account has no lead status 'Probe'; it has")
    assert told[1].startswith("kpis.yaml, line 4: lead_statuses.customer: the account has no lead status 'Kunden'")
    assert told[2].startswith("kpis.yaml, line 6: source_field: the account has no lead custom field 'Herkunft'")
    written(tmp_path, "lead_statuses: {customer: [Kunde]}\n")
    assert main(["check-settings", str(file), "--lake", str(german_lake)]) == 0
    assert "The account has every status, pipeline" in capsys.readouterr().out


def test_without_a_lake_the_file_alone_is_checked_and_that_is_said(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    lake_connection: dict[str, str],
    set_connection: Callable[..., None],
) -> None:
    file = written(tmp_path, "timezone: UTC\n")
    assert main(["check-settings", str(file)]) == 0
    assert "Not checked: whether the account has" in (told := capsys.readouterr().out)
    assert "the lake has not been synced yet" in told
    set_connection("lake_default", conn_type="ducklake", extra={})
    assert main(["check-settings", str(file)]) == 0
    assert "Not checked: whether the account has" in capsys.readouterr().out
    assert main(["check-settings", str(file), "--lake", str(tmp_path / "nowhere")]) == 2


def test_it_runs_without_airflow(tmp_path: Path, german_lake: Path) -> None:
    file = written(tmp_path, "lead_statuses: {customer: [Kunden]}\n")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", WITHOUT_AIRFLOW, "check-settings", str(file), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    alone = run()
    assert alone.returncode == 0, alone.stderr
    assert "Name the lake's folder with --lake" in alone.stdout
    with_lake = run("--lake", str(german_lake))
    assert with_lake.returncode == 1
    assert "no lead status 'Kunden'; it has" in with_lake.stderr
