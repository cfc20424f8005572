"""The DAGs in one process, task after task, against both sandboxes.

`dag.test()` cannot give a run a partition key, so months come from the parameter; tests/e2e shows the
same with a scheduler and real keys. The tests share one account and one lake, and follow each other in the order of
this file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.dag_defaults import NoInstantError, read_as_of
from close_kpis.kpis.checks import DATA_RULES, KPI_RULES
from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import connect
from tests.support.connections import connections
from tests.support.dags import run_in_process
from tests.support.lake import mark_complete

if TYPE_CHECKING:
    from pathlib import Path

    from airflow.dag_processing.dagbag import DagBag

    from sandbox.close_api import CloseSandbox
    from sandbox.sheets_api import SheetsSandbox

RunDag = Callable[..., dict[str, str]]

# A task that fails waits for its retry inside dag.test(): minutes.
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("airflow_db", "connected"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def close(demo_company: Path) -> Iterator[CloseSandbox]:
    """A Close API on loopback that serves the demo company."""
    from sandbox.close_api import CloseSandbox

    with CloseSandbox(demo_company) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def spreadsheet_id(sheets: SheetsSandbox) -> str:
    """A spreadsheet, empty at first."""
    return sheets.create_spreadsheet("Close KPIs")


@pytest.fixture(scope="module")
def lake_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a lake, empty at first."""
    return tmp_path_factory.mktemp("lake")


@pytest.fixture
def lake(lake_folder: Path) -> LakeConfig:
    """The lake in it."""
    return LakeConfig(f"sqlite:{lake_folder}/catalog.sqlite", f"{lake_folder}/data")


@pytest.fixture
def connected(
    close: CloseSandbox,
    sheets: SheetsSandbox,
    spreadsheet_id: str,
    lake_folder: Path,
    set_connection: Callable[..., None],
) -> None:
    """The three, known to Airflow."""
    for conn_id, fields in connections(close, sheets, spreadsheet_id, lake_folder).items():
        set_connection(conn_id, **fields)


@pytest.fixture
def run_dag(dag_bag: DagBag) -> RunDag:
    """Run a DAG with a configuration; returns its task instances' states, and the run's as ``run``."""

    def run(dag_id: str, **conf: Any) -> dict[str, str]:
        from airflow.models.taskinstance import TaskInstance
        from airflow.utils.session import create_session
        from sqlalchemy import select

        # A DAG in memory keeps the parameters of the run before.
        result = run_in_process(dag_bag.dags[dag_id], {"month": None, **conf})
        with create_session() as session:
            instances = session.scalars(
                select(TaskInstance).where(TaskInstance.dag_id == dag_id, TaskInstance.run_id == result.run_id)
            )
            states = {
                task.task_id if task.map_index < 0 else f"{task.task_id}[{task.rendered_map_index}]": str(task.state)
                for task in instances
            }
        return {"run": str(result.state), **states}

    return run


def test_a_sync_flows_into_the_workbook_and_the_next_one_has_nothing_to_do(
    run_dag: RunDag, sheets: SheetsSandbox, spreadsheet_id: str
) -> None:
    first = run_dag("close_sync")
    assert first["run"] == first["announce_changes"] == "success"
    assert {"sync_stream[leads]", "sync_stream[calls]"} <= set(first)
    computed = run_dag("sales_kpis", month="2026-06")
    rules = [*(f"check_data[{rule}]" for rule in DATA_RULES), *(f"check_kpis[{rule}]" for rule in KPI_RULES)]
    assert computed == dict.fromkeys(["run", "find_changes", "compute_kpis", "release_kpis", *rules], "success")
    assert run_dag("sheets_publish")["run"] == "success"
    tabs = {sheet["properties"]["title"] for sheet in sheets.spreadsheet(spreadsheet_id)["sheets"]}
    assert {"Growth", "Reps", "Sources"} <= tabs

    second = run_dag("close_sync")
    assert second["run"] == "success"
    assert second["announce_changes"] == "skipped"


def test_what_runs_leave_is_their_owners_only(lake_folder: Path) -> None:
    """Catalog, data, backup and lock."""
    left = [path for path in lake_folder.rglob("*") if path.is_file()]
    assert {".lock", ".parquet", ".sqlite"} <= {path.suffix for path in left}
    assert (lake_folder / "data-backup").is_dir()
    assert [path for path in lake_folder.rglob("*") if path.stat().st_mode & 0o077] == []


def test_a_run_without_news_is_skipped_in_its_first_task(run_dag: RunDag) -> None:
    again = run_dag("sales_kpis", month="2026-03")
    assert set(again.values()) == {"success", "skipped"}
    assert again["run"] == "success"
    assert again["find_changes"] == again["compute_kpis"] == again["release_kpis"] == "skipped"


def test_a_month_is_announced_only_if_a_record_has_changed_since_the_last_release(
    run_dag: RunDag, close: CloseSandbox
) -> None:
    assert run_dag("close_history", month="2026-05") == {"run": "success", "pull_month": "skipped"}
    [call] = [row for row in close.account["activities"] if row["_type"] == "Call"][:1]
    close.writer.update("activities", call["id"], {"duration": 77})
    month = call["date_created"][:7]
    assert run_dag("close_history", month=month)["pull_month"] == "success"
    other = "2026-04" if month != "2026-04" else "2026-03"
    assert run_dag("close_history", month=other)["pull_month"] == "success", "the first one may have been killed"
    assert run_dag("close_history", month="1999-01") == {"run": "success", "pull_month": "skipped"}
    assert run_dag("close_history", month="2031-01") == {"run": "failed", "pull_month": "failed"}


def test_a_failing_gate_is_named_and_leaves_the_last_good_numbers(run_dag: RunDag, lake: LakeConfig) -> None:
    """The other rules pass; nothing is released or announced. Once the lake is mended, all hold again."""
    with closing(connect(lake)) as con:
        before = con.execute("from kpi.rep_monthly order by all").fetchall()
        user = next(row[2] for row in before if row[2])
        con.execute("insert into raw.users from raw.users where id = $id", {"id": user})
        mark_complete(con)

    states = run_dag("sales_kpis", month="2026-06")

    assert [task for task, state in states.items() if state == "failed"] == [
        "run",
        "check_kpis[reps_sum_to_team]",
        "check_kpis[unique_grain]",
    ]
    assert states["release_kpis"] == "upstream_failed"
    assert states["check_kpis[customers_roll_forward]"] == "success"
    with closing(connect(lake)) as con:
        assert con.execute("from kpi.rep_monthly order by all").fetchall() == before
        con.execute("create temp table users as select distinct * from raw.users")
        con.execute("delete from raw.users")
        con.execute("insert into raw.users by name from temp.users")
        mark_complete(con)

    assert run_dag("sales_kpis", month="2026-02")["run"] == "success"


def test_a_start_that_was_only_marked_as_successful_is_named(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(NoInstantError, match="Clear start_sync"):
        read_as_of(None, "start_sync")


def test_a_refused_key_fails_at_once(run_dag: RunDag, close: CloseSandbox, set_connection: Callable[..., None]) -> None:
    """No second try: one task instance, failed, and what follows never starts."""
    set_connection("close_default", conn_type="close", host=close.url, password="api_wrong")  # pragma: allowlist secret
    states = run_dag("close_sync")
    assert states["run"] == "failed"
    assert states["start_sync"] == "failed"
    assert states["announce_changes"] == "upstream_failed"


def test_a_run_without_a_month_fails_at_once(run_dag: RunDag) -> None:
    states = run_dag("sales_kpis")
    assert states["run"] == states["find_changes"] == "failed"


def test_a_month_that_is_none_is_refused(dag_bag: DagBag) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    with pytest.raises(ParamValidationError, match="2025-13"):
        dag_bag.dags["close_history"].test(run_conf={"month": "2025-13"})
