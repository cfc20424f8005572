"""docs/existing-airflow.md: the files, copied as it says, in an Airflow with a metadata database of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "existing-airflow.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of an Airflow into which the files were copied."""
    folder = tmp_path_factory.mktemp("existing")
    shutil.copytree(ROOT / "dags", folder / "airflow" / "dags")
    # The build leaves files beside what it builds.
    shutil.copytree(ROOT / "plugins", folder / "plugins")
    shutil.copytree(ROOT / "include", folder / "elsewhere" / "include")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "CLOSE_KPIS"))}
    env = {
        **kept,
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "CLOSE_KPIS_INCLUDE": str(folder / "elsewhere" / "include"),
        "CLOSE_API_KEY": "api_of.close",  # pragma: allowlist secret
        "LAKE_PASSWORD": "of-postgresql",  # pragma: allowlist secret
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(folder / "site"),
    }
    run(f"pip install --quiet --no-deps --no-build-isolation --target {folder}/site {folder}/plugins", env)
    run("airflow db migrate", env)
    return env


def run(command: str, env: dict[str, str]) -> str:
    """Run what a person types; returns what it says."""
    done = subprocess.run(
        ["bash", "-ec", command], cwd=env["AIRFLOW_HOME"], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_copied_files_are_read(installed: dict[str, str]) -> None:
    where = run("python -c 'import close_kpis.paths as paths; print(paths.__file__, paths.INCLUDE)'", installed)
    assert where.split() == [f"{installed['PYTHONPATH']}/close_kpis/paths.py", installed["CLOSE_KPIS_INCLUDE"]]
    assert "close_kpis" in run("airflow plugins -o plain", installed)
    run("airflow dags reserialize", installed)
    assert "No data found" in run("airflow dags list-import-errors", installed)
    listed = run("airflow dags list", installed)
    for dag in (ROOT / "dags").glob("*.py"):
        assert dag.stem in listed


def test_commands_of_the_page_work(installed: dict[str, str]) -> None:
    [commands] = [text for text in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if "doctor" in text]
    *made, doctor = commands.strip().split("\n")
    assert doctor == "python -m close_kpis doctor"
    run("\n".join(made), installed)
    assert "close_api" in run("airflow pools list", installed)
    listed = run("airflow connections list -o plain", installed)
    for conn_id in ("close_default", "lake_default", "google_sheets_default"):
        assert conn_id in listed
    assert "--close" in run(f"{doctor} --help", installed)


def test_every_variable_of_the_page_is_read() -> None:
    from airflow.configuration import conf

    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "plugins").rglob("*.py"))
    named = set(re.findall(r"\b(?:CLOSE_KPIS|AIRFLOW_)_[A-Z_]+", PAGE))
    assert len(named) > 5
    for name in named:
        if name.startswith("CLOSE_KPIS_"):
            assert f'"{name}"' in code, name
        else:
            section, option = name.lower().split("__")[1:]
            assert conf.configuration_description[section]["options"][option], name
