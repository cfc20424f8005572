"""The named statements of include/sql/plumbing."""

from __future__ import annotations

import re

import pytest

from close_kpis.lake.sql import names, statement, sync_tables
from close_kpis.paths import SQL
from tests.conftest import ROOT

SUBJECTS = ("bookmarks", "catalog", "changes", "cleaning", "events", "loading", "stored", "sync_tables")
"""The plumbing of the lake and of the syncs."""

SCHEMAS = "raw|sync|settings|staging|kpi|published"


def statement_names(subject: str) -> list[str]:
    text = (SQL / "plumbing" / f"{subject}.sql").read_text(encoding="utf-8")
    return [f"{subject}.{name}" for name in re.findall(r"^-- name: (\w+)$", text, re.MULTILINE)]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_statement_says_which_catalog_it_reads_and_writes(subject: str) -> None:
    for name in statement_names(subject):
        code = re.sub(r"--.*|'[^']*'", "", statement(name))
        assert not re.search(rf"(?<![.\w])(?:{SCHEMAS})\.[\w{{]", code), name
        assert not re.search(r"search_path|^use\s", code, re.MULTILINE), name


def test_every_statement_is_read() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "plugins" / "close_kpis").rglob("*.py"))
    written = {name for subject in SUBJECTS if subject != "sync_tables" for name in statement_names(subject)}
    assert {name for name in written if f'"{name}"' not in code} == set()


def test_every_subject_is_there() -> None:
    assert set(SUBJECTS) <= set(names("plumbing"))
    tables = (
        "streams",
        "loads",
        "windows",
        "event_log",
        "missing",
        "reconciled",
        "reader",
        "contact_fields",
        "views",
        "complete",
        "identity",
    )
    assert sync_tables() == tables


def test_unknown_statement_and_unknown_table_are_refused() -> None:
    with pytest.raises(KeyError, match="no_such"):
        statement("loading.no_such")
    with pytest.raises(ValueError, match="no_table"):
        statement("loading.merge", "no_table; drop table raw.leads")
