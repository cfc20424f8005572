"""Several Close accounts: what each has of its own, what the environment may say."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.dags.test_dag_files import DAG_IDS, IMPORT_IN_A_BARE_PROCESS, OF_AN_ACCOUNT, bare_environment

DESCRIBE = """
import json
from airflow.dag_processing.dagbag import DagBag

bag = DagBag(dag_folder="dags")
found = {
    dag_id: {
        "pools": sorted({task.pool for task in dag.tasks}),
        "outlets": sorted(outlet.name for task in dag.tasks for outlet in task.outlets),
        "schedule": repr(getattr(dag.timetable, "asset_condition", "")),
        "tags": sorted(dag.tags),
        "doc": dag.doc_md,
        "told": dag.default_args["on_failure_callback"].__self__.account,
        "deadline": dag.deadline[0].reference.account if dag.deadline else None,
    }
    for dag_id, dag in bag.dags.items()
}
print(json.dumps({"dags": found, "errors": bag.import_errors}))
"""
"""Describes the DAGs that the environment makes of the files."""


def described(accounts: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", DESCRIBE],
        cwd=ROOT,
        env=bare_environment() | {"CLOSE_KPIS_ACCOUNTS": accounts},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def two() -> Any:
    """The DAGs of two accounts."""
    return described(" emea, us,")


def test_each_account_has_every_dag(two: Any) -> None:
    assert two["errors"] == {}
    of_accounts = [f"{name}_{dag_id}" for name in ("emea", "us") for dag_id in OF_AN_ACCOUNT]
    assert sorted(two["dags"]) == sorted([*of_accounts, "metadata_cleanup"])


def test_accounts_share_nothing(two: Any) -> None:
    """No pool, no asset, no recipient of alarms, no deadline of one account occurs in a DAG of the other."""
    shared = two["dags"]["metadata_cleanup"]
    assert (shared["pools"], shared["outlets"], shared["told"]) == (["default_pool"], [], "emea")
    for dag_id, dag in two["dags"].items():
        if dag_id == "metadata_cleanup":
            continue
        name = dag_id.split("_")[0]
        assert all(pool in ("default_pool", f"{name}_lake", f"{name}_close_api") for pool in dag["pools"]), dag_id
        assert all(outlet.startswith(f"{name}_") for outlet in dag["outlets"]), dag_id
        other = {"emea": "us_", "us": "emea_"}[name]
        assert f"'{other}" not in dag["schedule"], dag_id
        assert dag["told"] == name
        assert name in dag["tags"]
    assert {dag["deadline"] for dag in two["dags"].values()} == {None, "emea", "us"}
    produced = {outlet for dag in two["dags"].values() for outlet in dag["outlets"]}
    assert produced == {
        f"{name}_{asset}" for name in ("emea", "us") for asset in ("close_raw_synced", "close_raw_month", "sales_kpis")
    }
    assert "emea_close_raw_synced" in two["dags"]["emea_sales_kpis"]["schedule"]


def test_documentation_names_what_there_is(two: Any) -> None:
    doc = two["dags"]["us_close_sync"]["doc"]
    assert "airflow dags trigger us_close_sync" in doc
    assert "`close_us`, `lake_us`" in doc
    assert "`google_sheets_us`" in doc
    assert "us.yaml" in doc
    assert "kpis.yaml" not in doc


@pytest.mark.parametrize(
    "said", ["EMEA", "emea,emea", "emea us", "1st", "default", "emea;us", "é", "a" * 41, "../up", "emea.eu"]
)
def test_a_name_that_cannot_be_one_is_told(said: str) -> None:
    found = described(said)
    assert found["dags"] == {}
    assert len(found["errors"]) == len(DAG_IDS)
    for error in found["errors"].values():
        assert "CLOSE_KPIS_ACCOUNTS" in error
        assert "such as emea,us" in error


def test_ten_accounts_are_read_in_under_a_second() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_IN_A_BARE_PROCESS, str(ROOT), *DAG_IDS],
        env=bare_environment() | {"CLOSE_KPIS_ACCOUNTS": ",".join(f"account_{number}" for number in range(10))},
        capture_output=True,
        text=True,
        check=True,
    )
    seen = json.loads(done.stdout.splitlines()[-1])
    assert [one["opened"] for one in seen.values()] == [[]] * len(DAG_IDS)
    assert sum(one["seconds"] for one in seen.values()) < 1


def test_pools_of_all_accounts_can_be_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "close_kpis", "pools"],
        env=bare_environment() | {"CLOSE_KPIS_ACCOUNTS": "emea,us"},
        capture_output=True,
        text=True,
        check=True,
    )
    shown = json.loads(done.stdout)
    assert {name: pool["slots"] for name, pool in shown.items()} == {
        "emea_lake": 1,
        "emea_close_api": 4,
        "us_lake": 1,
        "us_close_api": 4,
    }
    assert all(pool["include_deferred"] is False and pool["description"] for pool in shown.values())
