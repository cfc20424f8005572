"""What came of a recipe: ``python -m tests.docs.carried_out <recipe> <folder>``, in a project with its patch."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from close_kpis.close.registry import STREAMS
from close_kpis.explain.answer import Explainer
from close_kpis.explain.question import Question
from close_kpis.kpis.registry import load_definitions
from close_kpis.kpis.released import last_computation
from close_kpis.lake.connection import connect, transaction
from close_kpis.lake.loader import merge
from close_kpis.publishing.publish import prepare
from close_kpis.publishing.values import published_values
from close_kpis.workbook.render import render
from close_kpis.workbook.tables import records
from tests.kpis.small_account import SmallAccount, at
from tests.kpis.test_compute import tell_a_story

if TYPE_CHECKING:
    from close_kpis.workbook.spec import Cell, Workbook
    from close_kpis.workbook.tables import Tables

JANUARY = date(2026, 1, 1)


def company(folder: Path, **settings: object) -> SmallAccount:
    folder.mkdir()
    account = SmallAccount(folder, settings=dict(settings))
    tell_a_story(account, later=True)
    account.deal("nobodys", "steady", None, 100)
    return account.run()


def workbook_of(account: SmallAccount) -> tuple[Workbook, Tables]:
    with closing(connect(account.config)) as con:
        stamp, tables, _ = prepare(con, "manual", load_definitions())
    return render(tables, stamp, load_definitions()), tables


def cells(workbook: Workbook, title: str) -> list[Cell]:
    [tab] = [tab for tab in workbook.tabs if tab.title == title]
    return [cell for row in tab.rows for cell in row]


def kpi(folder: Path) -> None:
    """It is in the table and the tabs, with its note and in Definitions; it is kept as published, and explained."""
    account = company(folder)
    assert account.month("kpi.rep_monthly", "2026-01", "ann")["decided_opportunities"] == 1
    assert account.month("kpi.team_monthly", "2026-01")["decided_opportunities"] == 2
    workbook, tables = workbook_of(account)
    heads = [cell for cell in cells(workbook, "Reps") if cell.value == "Decided opportunities"]
    assert any(cell.note and "won or lost in the month" in cell.note for cell in heads)
    assert "Decided opportunities" in {cell.value for cell in cells(workbook, "Definitions")}
    assert "decided_opportunities" in {cell.value for cell in cells(workbook, "Data reps")}
    assert "decided_opportunities" in set(published_values(tables, load_definitions())["kpi"])
    with last_computation(account.config, account.settings_file()) as computed:
        answer = Explainer(computed.con, load_definitions()).answer(
            Question("reps", "decided_opportunities", JANUARY, is_of_rep=True, user_id="ann")
        )
    assert (answer.agrees, answer.value) == (True, 1)


def stream(folder: Path) -> None:
    """A row as Close has it arrives in the stream's table."""
    folder.mkdir()
    account = SmallAccount(folder)
    row = STREAMS["form_submissions"].row({
        "id": "form_1",
        "lead_id": "lead_1",
        "date_created": "2026-01-02T03:04:05+00:00",
    })
    with closing(connect(account.config)) as con, transaction(con, account.config):
        assert merge(con, "form_submissions", [row], synced_at=at("2026-01-03")).inserted == 1
    [stored] = account.table("select id, lead_id from raw.form_submissions")
    assert stored == {"id": "form_1", "lead_id": "lead_1"}


def tab(folder: Path) -> None:
    """The tab stands in the workbook, with a row for each month."""
    workbook, tables = workbook_of(company(folder))
    values = [cell.value for cell in cells(workbook, "Win rates")]
    assert "Win rate of the created" in values
    assert {record["month"] for record in records(tables.win_rate_monthly)} <= set(values)


def setting(folder: Path) -> None:
    """It changes the number, and the Definitions tab tells it."""
    account = company(folder)
    account.activity("calls", "in", "2026-01-07", "steady", user_id="ann", direction="inbound", disposition="answered")
    account.sync()
    account.compute()
    assert account.month("kpi.rep_monthly", "2026-01", "ann")["calls"] == 2
    account.settings["count_inbound_calls"] = False
    assert account.compute().reason == "the settings have changed"
    account.close()
    assert account.month("kpi.rep_monthly", "2026-01", "ann")["calls"] == 1
    workbook, _ = workbook_of(account)
    values = [cell.value for cell in cells(workbook, "Definitions")]
    assert values[values.index("Inbound calls") + 2] == "no"


def check(folder: Path) -> None:
    """The record is listed, and the tab says what to do."""
    account = company(folder)
    listed = [row["record_id"] for row in account.table("kpi.data_quality") if row["rule"] == "open_without_user"]
    assert listed == ["nobodys"]
    workbook, _ = workbook_of(account)
    assert "Assign the opportunity." in {cell.value for cell in cells(workbook, "Data quality")}


if __name__ == "__main__":
    {"kpi": kpi, "stream": stream, "tab": tab, "setting": setting, "check": check}[sys.argv[1]](Path(sys.argv[2]))
