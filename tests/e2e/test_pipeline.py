"""From Close to the workbook under a real scheduler.

The tests share one running pipeline and follow each other in the order of this file.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import closing
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import httpx
import pytest

from benchmarks.browser import log_in
from benchmarks.scheduler import is_backfilled
from close_kpis.kpis.checks import DATA_RULES, KPI_RULES
from close_kpis.standalone.api import DAGS
from close_kpis.standalone.follow import RunFailedError, wait_for_publish
from tests.e2e.pipeline import after, differences, without_changes
from tests.support.airflow_ui import open_backfill_form, submit_backfill
from tests.support.browser import chromium
from tests.support.leaks import command_lines, files_below, leaks, rows_of_lake
from tests.support.slack_server import TOKEN, WEBHOOK_PATH

if TYPE_CHECKING:
    from tests.e2e.pipeline import Pipeline, Run, Task
    from tests.support.slack_server import Mailbox, Slack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(2400)]

QUARTER = ["2025-01", "2025-02", "2025-03"]


def won_in(pipeline: Pipeline, month: str) -> Any:
    """Return a deal of Close that was won in a month."""
    return next(
        row
        for row in pipeline.close.account["opportunities"]
        if (row.get("date_won") or "").startswith(month) and row["status_type"] == "won" and row.get("value")
    )


@pytest.fixture(scope="module")
def synced(pipeline: Pipeline) -> Pipeline:
    """The pipeline after its first sync, which unpausing close_sync has started."""
    pipeline.wait(lambda: pipeline.runs("sheets_publish"), "the first publish", 900)
    pipeline.settle()
    return pipeline


def test_the_first_sync_reaches_the_workbook_without_help(synced: Pipeline) -> None:
    for dag_id in ("close_sync", "sales_kpis", "sheets_publish"):
        # At six o'clock the day's own sync comes as well.
        assert {run["state"] for run in synced.runs(dag_id)} == {"success"}, dag_id
    assert synced.runs("close_history") == []
    tabs = [sheet["properties"]["title"] for sheet in synced.workbook()["sheets"]]
    assert {"Growth", "Reps", "Sources"} <= set(tabs)
    [(months,)] = synced.query("select count(*) from kpi.growth_monthly")
    assert months >= 36


def test_a_mapped_task_is_named_after_its_stream(synced: Pipeline) -> None:
    [run] = synced.runs("close_sync")[:1]
    named = {task["rendered_map_index"] for task in synced.airflow.task_instances(run)}
    assert {"leads", "opportunities", "calls", "emails"} <= named


def test_each_gate_is_a_task_named_after_its_rule(synced: Pipeline) -> None:
    [run] = synced.runs("sales_kpis")[:1]
    states = {task["rendered_map_index"]: task["state"] for task in synced.airflow.task_instances(run)}
    assert {rule: states[rule] for rule in (*DATA_RULES, *KPI_RULES)} == dict.fromkeys(
        (*DATA_RULES, *KPI_RULES), "success"
    )


def test_the_publish_task_links_to_the_workbook(synced: Pipeline) -> None:
    [run] = synced.runs("sheets_publish")[:1]
    task = f"/dags/sheets_publish/dagRuns/{run['dag_run_id']}/taskInstances/publish_workbook"
    link = synced.airflow.api("GET", f"{task}/links")["extra_links"]["Open in Google Sheets"]
    assert f"/spreadsheets/d/{synced.spreadsheet_id}" in link


def test_a_sync_without_news_changes_no_row_and_skips_the_rest(synced: Pipeline) -> None:
    rows, workbook = synced.contents("raw"), synced.workbook()
    runs = {dag_id: len(synced.runs(dag_id)) for dag_id in DAGS}
    requests = len(synced.close.requests)

    run = synced.sync()

    requests = len(synced.close.requests) - requests
    print(f"\nrequests of a sync without news: {requests}")
    assert requests < 60
    announced = synced.task(run, "announce_changes")
    assert announced is not None
    assert announced["state"] == "skipped"
    assert {dag_id: len(synced.runs(dag_id)) for dag_id in DAGS} == {**runs, "close_sync": runs["close_sync"] + 1}
    assert differences(synced.contents("raw"), rows) == []
    assert differences(synced.workbook(), workbook) == []


def test_a_deal_won_meanwhile_shows_up_in_its_month(synced: Pipeline) -> None:
    """Won today in Close, dated two months ago: that month's cell changes, and no other rep-month."""
    before = rep_months(synced)
    deal, status = open_deal(synced)
    month = sorted({month for month, _ in before})[-3]

    synced.close.writer.update("opportunities", deal["id"], {"status_id": status, "date_won": f"{month[:7]}-15"})
    synced.sync()

    after = rep_months(synced)
    key = (month, deal["user_id"])
    assert int(after[key]["won_opportunities"]) == int(before.get(key, {}).get("won_opportunities") or 0) + 1
    assert {other: row["won_opportunities"] for other, row in after.items() if other != key} == {
        other: row["won_opportunities"] for other, row in before.items() if other != key
    }
    restated = [row for row in synced.cells("Changes") if "Won opportunities" in row]
    assert {row[1] for row in restated} == {"Reps"}
    assert all("1 deal back-dated" in row[7] for row in restated)
    assert len(restated) == 2  # the rep and the team


def test_a_backfilled_quarter_without_news_is_three_runs_and_nothing_after_them(synced: Pipeline) -> None:
    rows, numbers, workbook = synced.contents("raw"), synced.contents("kpi"), synced.workbook()
    followed = {dag_id: len(synced.runs(dag_id)) for dag_id in ("sales_kpis", "sheets_publish")}

    synced.backfill("2025-01-01", "2025-03-31")

    runs = [run for run in synced.runs("close_history") if run["run_type"] == "backfill"]
    assert sorted(run["partition_key"] for run in runs) == QUARTER
    assert {run["state"] for run in runs} == {"success"}
    assert {dag_id: len(synced.runs(dag_id)) for dag_id in followed} == followed
    assert differences(synced.contents("raw"), rows) == []
    assert differences(synced.contents("kpi"), numbers) == []
    assert differences(synced.workbook(), workbook) == []


def test_a_backfill_publishes_a_record_that_has_changed(synced: Pipeline) -> None:
    """A month that was read before is read again on request; a deal that has another value is published."""
    published = len(synced.runs("sheets_publish"))
    deal = won_in(synced, "2025-03")
    synced.close.writer.update("opportunities", deal["id"], {"value": deal["value"] + 100})

    synced.backfill("2025-03-01", "2025-03-31", "--reprocess-behavior", "completed")

    runs = [run for run in synced.runs("close_history") if run["run_type"] == "backfill"]
    assert len(runs) == 4
    assert {run["state"] for run in runs} == {"success"}
    for dag_id in ("sales_kpis", "sheets_publish"):
        assert "2025-03" in {run["partition_key"] for run in synced.runs(dag_id)}, dag_id
    assert len(synced.runs("sheets_publish")) == published + 1


def test_a_backfill_submitted_in_the_ui_publishes_what_has_changed(synced: Pipeline) -> None:
    """The form of Airflow's UI, as the page Sales KPIs says to fill it in."""
    published, read = len(synced.runs("sheets_publish")), len(synced.runs("close_history"))
    deal = won_in(synced, "2025-02")
    synced.close.writer.update("opportunities", deal["id"], {"value": deal["value"] + 100})

    with chromium() as browser, closing(browser.new_page()) as page:
        log_in(page, synced.airflow)
        page.goto(f"{synced.airflow.url}/dags/close_history/backfills")
        open_backfill_form(page)
        submit_backfill(page, date(2025, 2, 1), date(2025, 3, 31), reprocess="All Runs")
        page.get_by_text("2025-03").first.wait_for()
    synced.wait(lambda: is_backfilled(synced.airflow), "the backfill to be closed")
    synced.settle()

    # The form also lets the DAG run by itself.
    runs = [run for run in synced.runs("close_history")[read:] if run["run_type"] == "backfill"]
    assert sorted(run["partition_key"] for run in runs) == ["2025-02", "2025-03"]
    assert len(synced.runs("sheets_publish")) == published + 1
    # Two months read side by side: what the first stored may be computed by the second.
    assert synced.runs("sheets_publish")[-1]["partition_key"] in {"2025-02", "2025-03"}


def test_a_backfill_of_the_api_runs_backwards_and_goes_on_after_it_was_cancelled(synced: Pipeline) -> None:
    """A sync runs beside it, another backfill of the same months is refused, what was left out can be done again."""
    rows, read = synced.contents("raw"), len(synced.runs("close_history"))
    months = [f"2024-{month:02}" for month in range(7, 13)]

    def backfill(**said: Any) -> Any:
        asked = {"dag_id": "close_history", "from_date": "2024-07-01T00:00:00Z", "to_date": "2024-12-31T00:00:00Z"}
        return synced.airflow.api("POST", "/backfills", json={**asked, **said})

    def states() -> dict[str, str]:
        runs = {run["partition_key"]: run["state"] for run in synced.runs("close_history")[read:]}
        return {month: runs[month] for month in months if month in runs}

    made = backfill(run_backwards=True, max_active_runs=1)
    synced.trigger("close_sync")
    with pytest.raises(httpx.HTTPStatusError, match="409"):
        backfill(from_date="2024-12-01T00:00:00Z", to_date="2025-01-31T00:00:00Z")
    synced.wait(lambda: "success" in states().values(), "the first month")
    synced.airflow.api("PUT", f"/backfills/{made['id']}/cancel")
    synced.wait(lambda: set(states().values()) <= {"success", "failed"}, "the month under way to end")
    done = [month for month, state in states().items() if state == "success"]
    assert months[-len(done) :] == done != months

    # README: delete the runs of a backfill that was cancelled, then backfill the months again.
    for run in synced.runs("close_history")[read:]:
        if run["state"] == "failed":
            synced.airflow.api("DELETE", f"/dags/close_history/dagRuns/{quote(run['dag_run_id'])}")
    backfill()
    synced.wait(lambda: is_backfilled(synced.airflow), "the backfill to be closed")
    synced.settle()
    assert states() == dict.fromkeys(months, "success")
    assert differences(synced.contents("raw"), rows) == []


def test_a_digest_tells_the_workbooks_numbers_once_to_slack_and_by_mail(
    synced: Pipeline, slack: Slack, mailbox: Mailbox
) -> None:
    for conn_id in ("slack_default", "smtp_default"):
        bring_connection(synced, conn_id)
    due = f"weekday: {datetime.now(ZoneInfo('America/New_York')):%A}, hour: 0"
    team = f'digest: {{team: {{{due}, slack_channel: "#revenue", addresses: [ann@example.com]}}}}'
    right = synced.settings.read_text(encoding="utf-8")
    synced.settings.write_text(right.replace("digest: {}", team), encoding="utf-8")
    synced.airflow.unpause("kpi_digest")
    run = synced.trigger("kpi_digest")
    synced.wait_for_end(run)
    told = [*slack.messages, *(mail.get_body(("html",)).get_content() for _, mail in mailbox.mails)]
    assert len(told) == 2
    shown = {row[0]: row[1] for row in synced.cells("Summary") if len(row) > 1}
    for kpi in ("Total customers", "MRR", "ARR", "Churn rate"):
        assert shown[kpi]
        assert all(shown[kpi] in message for message in told), kpi

    for task in synced.airflow.task_instances(run):
        if task["task_id"] == "send_message":
            synced.clear(task, run)
    synced.wait_for_end(run)
    assert (len(slack.messages), len(mailbox.mails)) == (1, 1)
    assert {task["state"] for task in synced.airflow.task_instances(run)} == {"success", "skipped"}
    synced.settings.write_text(right, encoding="utf-8")


def test_a_killed_task_that_is_cleared_leaves_what_an_undisturbed_run_leaves(
    synced: Pipeline, undisturbed: Any
) -> None:
    """One sync, in which an extraction, the computation and the publish are killed half way."""
    deal, status = open_deal(synced)
    synced.close.writer.update("opportunities", deal["id"], {"status_id": status})
    lead = synced.close.writer.create("leads", {"name": "Won while tasks die"})
    synced.close.writer.create("activities", {"_type": "Call", "lead_id": lead["id"], "direction": "outbound"})

    stuck = synced.close.faults.add("slow", "/opportunity/*", seconds=20.0)
    run = synced.trigger("close_sync")
    kill_and_clear(synced, run, "sync_stream", "opportunities", lambda: stuck not in synced.close.faults.pending())

    run = synced.wait(lambda: new_run(synced, "sales_kpis"), "sales_kpis to start")
    kill_and_clear(synced, run, "compute_kpis", None, after(1.5))

    unanswered = synced.sheets.faults.add("slow", method="POST", path=":batchUpdate", seconds=5.0)
    run = synced.wait(lambda: new_run(synced, "sheets_publish"), "sheets_publish to start")
    kill_and_clear(synced, run, "publish_workbook", None, lambda: unanswered not in synced.sheets.faults.waiting())

    synced.settle()
    assert differences(without_changes(synced.workbook()), without_changes(undisturbed(synced))) == []


def test_a_failed_run_is_told_once_and_once_more_when_it_is_well_again(synced: Pipeline, slack: Slack) -> None:
    """A status that the account lacks: the demo's last lines and the alarm say which; the right settings end it."""
    bring_connection(synced, "hook_default")
    alerts, right = "alerts: {slack_webhook: hook_default}", synced.settings.read_text(encoding="utf-8")
    synced.settings.write_text(f"lead_statuses: {{customer: [Kunde]}}\n{alerts}\n", encoding="utf-8")
    run = synced.trigger("sales_kpis", conf={"month": "2025-03"})
    synced.wait(lambda: [run for run in synced.runs("sales_kpis") if run["state"] == "failed"], "sales_kpis to fail")
    with pytest.raises(RunFailedError) as failed:
        wait_for_publish(synced.airflow, 300, print)
    assert re.search(r"sales_kpis\.\w+ failed", str(failed.value))
    assert "Kunde" in str(failed.value)
    assert "Customer" in str(failed.value)

    synced.wait(lambda: slack.messages, "the alarm")
    synced.settings.write_text(right.replace("alerts: {}", alerts), encoding="utf-8")
    synced.trigger("sales_kpis", conf={"month": "2025-03"})
    synced.wait(lambda: len(slack.messages) > 1, "word that it is well again")
    alarm, recovery = slack.messages
    assert alarm.startswith("sales_kpis: the task find_changes has failed")
    assert "Kunde" in alarm
    assert quote(run["dag_run_id"]) in repr(slack.posts[0])
    assert recovery.startswith("Well again: sales_kpis: find_changes")


def test_no_secret_is_told(synced: Pipeline, slack: Slack) -> None:
    """After all of the above: logs, Airflow's database with XComs and templates, the lake, the workbook, arguments."""
    run = synced.trigger("close_sync")
    lines = set[str]()

    def has_ended() -> bool:
        lines.update(command_lines(os.getpid()))
        return any(one["end_date"] for one in synced.runs("close_sync") if one["dag_run_id"] == run["dag_run_id"])

    synced.wait(has_ended, "the sync to end")
    home = synced.lake.parent / "airflow"
    places = {
        "logs": files_below(home, "*.log"),
        "metadata database": files_below(home, "airflow.db*"),
        "lake's catalog": files_below(synced.lake, "catalog.sqlite*"),
        "lake": rows_of_lake(synced.lake_config),
        "workbook": repr(synced.workbook()),
        "process arguments": "\n".join(lines),
    }
    assert "airflow worker" in places["process arguments"], "a task was seen"
    env = synced.airflow.env
    secrets = {
        "key of Close": synced.close.api_key,
        "key of Google": synced.sheets.service_account_info()["private_key"].splitlines()[10],
        "token of Slack": TOKEN,
        "webhook of Slack": WEBHOOK_PATH,
        "key of Airflow's connections": env["AIRFLOW__CORE__FERNET_KEY"],
        "key of Airflow's tokens": env["AIRFLOW__API_AUTH__JWT_SECRET"],
    }
    assert leaks(places, secrets) == []


def bring_connection(pipeline: Pipeline, conn_id: str) -> None:
    """Give Airflow a connection that this process has from its environment."""
    pipeline.airflow.create_connections({conn_id: json.loads(os.environ[f"AIRFLOW_CONN_{conn_id.upper()}"])})


def kill_and_clear(pipeline: Pipeline, run: Run, task_id: str, name: str | None, is_time: Any) -> None:
    """Kill a task when its time has come, and clear it."""

    def running() -> Task | None:
        task = pipeline.task(run, task_id, name)
        return task if task and task["state"] == "running" and task["pid"] else None

    task = pipeline.wait(running, f"{task_id} to run")
    pipeline.wait(is_time, f"the moment to kill {task_id}")
    waiting = pipeline.kill(task, run)
    assert (waiting["state"], waiting["rendered_map_index"]) == ("up_for_retry", name), "its name shows while it waits"
    pipeline.clear(task, run)


def new_run(pipeline: Pipeline, dag_id: str) -> Run | None:
    """Return the run of a DAG that has not ended yet."""
    open_runs = [run for run in pipeline.runs(dag_id) if run["state"] in {"queued", "running"}]
    return open_runs[0] if open_runs else None


def rep_months(pipeline: Pipeline) -> dict[tuple[str, str], dict[str, str]]:
    """Return the rows of the tab Data reps by month (YYYY-MM-DD) and user id."""
    header, *rows = pipeline.cells("Data reps")
    records = [dict(zip(header, row, strict=False)) for row in rows]
    return {(record["month"], record["user_id"]): record for record in records if record.get("month")}


def open_deal(pipeline: Pipeline) -> tuple[dict[str, Any], str]:
    """Return the newest open new-business deal of a rep, and the status that means it is won."""
    pipelines = {row["name"]: row for row in pipeline.close.account["pipelines"]}
    new_business = pipelines["New business"]
    [won] = [status["id"] for status in new_business["statuses"] if status["type"] == "won"]
    active = {status["id"] for status in new_business["statuses"] if status["type"] == "active"}
    deals = [
        row
        for row in pipeline.close.account["opportunities"]
        if row["status_id"] in active and row.get("user_id") and row.get("value")
    ]
    return dict(max(deals, key=lambda row: row["date_created"])), won
