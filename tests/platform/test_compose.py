"""The compose file: valid, and every name in it exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yaml"


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load(COMPOSE.read_text())


def test_compose_file_follows_the_specification():
    """The schema of the Compose Specification accepts the file."""
    command = [
        str(Path(sys.executable).parent / "check-jsonschema"),
        "--builtin-schema",
        "vendor.compose-spec",
        str(COMPOSE),
    ]
    check = subprocess.run(command, capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr


def test_every_airflow_option_exists(compose):
    """A misspelt AIRFLOW__ variable would be ignored in silence."""
    from airflow.configuration import conf

    known = {
        (section, option)
        for section, options in conf.configuration_description.items()
        for option in options["options"]
    }
    names = {
        name
        for service in compose["services"].values()
        for name in service.get("environment", {})
        if name.startswith("AIRFLOW__")
    }
    assert names
    unknown = [name for name in names if tuple(part.lower() for part in name.split("__")[1:]) not in known]
    assert not unknown


def test_example_environment_names_every_variable(compose):
    """What the compose file reads from .env stands in .env.example, and nothing else does."""
    read = set(re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)", COMPOSE.read_text()))
    offered = set(re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))
    assert read == offered


def test_services_share_code_connections_and_lake(compose):
    """Every Airflow service sees the same settings, lake, logs and connections."""
    airflow = {name: service for name, service in compose["services"].items() if name != "postgres"}
    assert set(airflow) == {"init", "api-server", "scheduler", "dag-processor", "triggerer"}
    mounts = [sorted(service["volumes"]) for service in airflow.values()]
    assert all(mount == mounts[0] for mount in mounts)
    for service in airflow.values():
        assert {
            "AIRFLOW_CONN_CLOSE_DEFAULT",
            "AIRFLOW_CONN_GOOGLE_SHEETS_DEFAULT",
            "AIRFLOW_CONN_LAKE_DEFAULT",
        } <= set(service["environment"])
    long_running = [service for name, service in airflow.items() if name != "init"]
    assert all("healthcheck" in service for service in long_running)


def test_image_installs_the_locked_airflow():
    """The base image's Airflow is the locked one, so that installing the lock moves nothing."""
    image = re.search(r"^FROM apache/airflow:([\d.]+)-", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    locked = re.search(r"^apache-airflow==([\d.]+)", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE)
    assert image is not None
    assert locked is not None
    assert image[1] == locked[1]
