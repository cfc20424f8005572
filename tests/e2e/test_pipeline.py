"""From Close to the workbook under a real scheduler.

The tests share one running pipeline and run in the order of this file, each on what the ones before
have left; none needs more than a first sync.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from include.sandbox.demo.airflow import DAGS

if TYPE_CHECKING:
    from tests.e2e.pipeline import Pipeline

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(900)]

MONTHS_OF_2025 = [f"2025-{month:02}" for month in range(1, 13)]


@pytest.fixture(scope="module")
def synced(pipeline: Pipeline) -> Pipeline:
    """The pipeline after its first sync, which unpausing close_sync has started."""
    pipeline.wait(lambda: pipeline.runs("sheets_publish"), "the first publish", 300)
    pipeline.settle()
    return pipeline


def test_the_first_sync_reaches_the_workbook_without_help(synced: Pipeline) -> None:
    for dag_id in ("close_sync", "sales_kpis", "sheets_publish"):
        assert [run["state"] for run in synced.runs(dag_id).values()] == ["success"], dag_id
    assert synced.runs("close_history") == {}
    tabs = [sheet["properties"]["title"] for sheet in synced.workbook()["sheets"]]
    assert {"Growth", "Reps", "Sources"} <= set(tabs)
    [(months,)] = synced.query("select count(*) from kpi.growth_monthly")
    assert months >= 36


def test_a_mapped_task_is_named_after_its_stream(synced: Pipeline) -> None:
    [run] = synced.airflow.runs("close_sync")[:1]
    named = {
        task["rendered_map_index"]
        for task in synced.airflow.task_instances(run)
        if task["task_id"] == "sync_stream"
    }
    assert {"leads", "opportunities", "calls", "emails"} <= named


def test_the_publish_task_links_to_the_workbook(synced: Pipeline) -> None:
    [run_id] = synced.runs("sheets_publish")
    links = synced.airflow.api(
        "GET", f"/dags/sheets_publish/dagRuns/{run_id}/taskInstances/publish_workbook/links"
    )
    url = f"{synced.sheets.url}/spreadsheets/d/{synced.spreadsheet_id}/edit"
    assert links["extra_links"]["Open in Google Sheets"].startswith(url)


def test_a_sync_without_news_changes_no_row_and_skips_the_rest(synced: Pipeline) -> None:
    before, runs_before = synced.state(), {dag: len(synced.runs(dag)) for dag in DAGS}
    requests_before = len(synced.close.requests)

    run_id = synced.sync()

    requests = len(synced.close.requests) - requests_before
    print(f"\nrequests of a sync without news: {requests}")
    assert synced.states("close_sync", run_id)["announce_changes"] == {"skipped"}
    assert {dag: len(synced.runs(dag)) for dag in DAGS} == {
        **runs_before,
        "close_sync": runs_before["close_sync"] + 1,
    }
    assert requests < 60
    assert synced.state() == before
