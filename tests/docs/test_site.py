"""The documentation site: it builds without a warning, and its generated pages leave nothing out."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_kpis.kpis.registry import load_definitions
from close_kpis.lake.sql import kpi_tables

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("hooks", ROOT / "docs" / "hooks.py")
    assert spec is not None
    assert spec.loader is not None
    hooks: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hooks)
    return hooks.pages()


def test_the_dictionary_has_every_table_and_column(pages: dict[str, str]) -> None:
    text = pages["data-dictionary.md"]
    for table in kpi_tables():
        part = text.partition(f"## kpi.{table}\n")[2].partition("\n## ")[0]
        assert part, table
        definitions = load_definitions()
        for column in (*definitions.tables[table].columns, *definitions.kpis_of(table)):
            assert f"| `{column}` |" in part, f"{table}.{column}"


def test_the_definitions_have_every_kpi_and_rule(pages: dict[str, str]) -> None:
    definitions, text = load_definitions(), pages["definitions.md"]
    for report in definitions.reports.values():
        assert all(f"| {kpi.label} |" in text for kpi in report.kpis.values())
    assert all(f"`{name}`" in text for name in (*definitions.quality_rules, *definitions.gates))


def test_the_worked_examples_are_all_there(pages: dict[str, str]) -> None:
    folders = {path.parent.name for path in (ROOT / "tests" / "worked_examples").glob("*/expected.yaml")}
    assert all(f"\n## {name}\n" in pages["worked-examples.md"] for name in folders)


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    mkdocs = Path(sys.executable).parent / "mkdocs"
    if not mkdocs.exists():
        pytest.skip("mkdocs is not installed: make docs installs it")
    command = [str(mkdocs), "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "site" / "data-dictionary" / "index.html").exists()
    shutil.rmtree(tmp_path / "site")
