"""One running pipeline for the tests of a module that need a real scheduler: starting it takes half a minute."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.paths import INCLUDE
from tests.conftest import ROOT
from tests.e2e.pipeline import Pipeline, without_stamps
from tests.support.connections import connections

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """A scheduler between the sandboxes, which serve the demo company as of today; nothing has run yet."""
    from close_kpis.standalone.airflow import Airflow, airflow_env
    from sandbox.close_api import CloseSandbox
    from sandbox.company import write_company
    from sandbox.sheets_api import SheetsSandbox

    folder = tmp_path_factory.mktemp("pipeline")
    lake, settings = folder / "lake", folder / "kpis.yaml"
    shutil.copy(INCLUDE / "kpis.yaml", settings)
    write_company(folder / "account", as_of=datetime.now(UTC).date())
    with ExitStack() as stack:
        close = stack.enter_context(CloseSandbox(folder / "account"))
        sheets = stack.enter_context(SheetsSandbox(folder / "sheets"))
        spreadsheet_id = sheets.create_spreadsheet("Close KPIs")
        path = os.pathsep.join([str(ROOT), str(ROOT / "plugins"), os.environ.get("PYTHONPATH", "")])
        airflow = Airflow(
            airflow_env(
                folder / "airflow",
                ROOT,
                PYTHONPATH=path,
                CLOSE_KPIS_SETTINGS=str(settings),
                AIRFLOW__CORE__UNIT_TEST_MODE="False",
                AIRFLOW__LOGGING__BASE_LOG_FOLDER=str(folder / "airflow" / "logs"),
            )
        )
        stack.callback(airflow.stop)
        airflow.start()
        airflow.wait_until_healthy()
        airflow.create_pools()
        airflow.create_connections(connections(close, sheets, spreadsheet_id, lake))
        airflow.wait_for_dags()
        airflow.unpause("close_sync")
        yield Pipeline(airflow, close, sheets, spreadsheet_id, lake, settings)


@pytest.fixture
def undisturbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Pipeline], Any]:
    """The workbook of a run from an empty lake into an empty spreadsheet, without scheduler and without trouble."""

    def publish(pipeline: Pipeline) -> Any:
        from close_kpis.accounts import Account
        from close_kpis.kpis import compute
        from close_kpis.lake.hook import LakeHook
        from close_kpis.publishing.publish import publish_workbook
        from close_kpis.sync.complete import complete_sync
        from close_kpis.sync.extraction import Extraction
        from close_kpis.sync.start import start_sync
        from close_kpis.sync.stream import sync_streams
        from close_kpis.workbook.google.hook import GoogleSheetsHook

        spreadsheet_id = pipeline.sheets.create_spreadsheet("Close KPIs")
        for conn_id, fields in connections(pipeline.close, pipeline.sheets, spreadsheet_id, tmp_path).items():
            monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(fields))
        extraction = Extraction.of(Account())
        sync_streams(extraction, start_sync(extraction))
        complete_sync(extraction)
        lake, settings_file = LakeHook().config, Account().settings_file
        compute.compute(lake, settings_file=settings_file)
        # Like the task's: the address of a run is no difference, its absence would be one.
        run_url = "http://127.0.0.1:8080/dags/sheets_publish/runs/undisturbed"
        publish_workbook(lake, GoogleSheetsHook(), run_id="undisturbed", settings_file=settings_file, run_url=run_url)
        return without_stamps(pipeline.sheets.spreadsheet(spreadsheet_id))

    return publish
