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
    airflow = {name: service for name, service in compose["services"].items() if name not in {"postgres", "redis"}}
    assert set(airflow) == {"init", "api-server", "scheduler", "dag-processor", "triggerer", "worker", "flower"}
    mounts = [sorted(service["volumes"]) for service in airflow.values()]
    assert all(mount == mounts[0] for mount in mounts)
    for service in airflow.values():
        assert {
            "AIRFLOW_CONN_CLOSE_DEFAULT",
            "AIRFLOW_CONN_GOOGLE_SHEETS_DEFAULT",
            "AIRFLOW_CONN_LAKE_DEFAULT",
        } <= set(service["environment"])
    long_running = [service for name, service in airflow.items() if name not in {"init", "flower"}]
    assert all("healthcheck" in service for service in long_running)


def test_every_service_is_bounded(compose):
    """No container takes the machine's memory or disk, gains rights, or is of whatever version is the newest."""
    for name, service in compose["services"].items():
        assert service["logging"]["options"]["max-size"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert re.search(r":\d+\.\d+", service["image"]), name
        if name != "init":
            assert service["deploy"]["resources"]["limits"]["memory"], name
        if name != "postgres":
            assert service["read_only"], name


def test_workers_are_off_unless_asked_for(compose):
    usual = {name for name, service in compose["services"].items() if "profiles" not in service}
    assert usual == {"postgres", "init", "api-server", "scheduler", "dag-processor", "triggerer"}
    needed = compose["services"]["worker"]["depends_on"]
    assert needed["redis"] == {"condition": "service_healthy"}


def test_no_password_has_a_default(compose):
    """What is secret is empty in .env.example, and nothing starts without it."""
    example = dict(re.findall(r"^([A-Z0-9_]+)=(.*)$", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))
    secret = {name for name in example if re.search("PASSWORD|SECRET|KEY(?!_FILE)|FLOWER", name)}
    assert len(secret) >= 8
    assert {name for name in secret if example[name]} == set()
    assert not re.findall(r"\$\{[A-Z_]*(?:PASSWORD|SECRET|KEY)\b:-[^}]", COMPOSE.read_text())
    for name in ("redis", "flower"):
        assert 'is empty: set it in .env"; exit 1' in compose["services"][name]["command"][-1]


def test_image_installs_the_locked_airflow():
    """The base image's Airflow is the locked one, so that installing the lock moves nothing."""
    image = re.search(r"^FROM apache/airflow:([\d.]+)-", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    locked = re.search(r"^apache-airflow==([\d.]+)", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE)
    assert image is not None
    assert locked is not None
    assert image[1] == locked[1]
