"""kubernetes/values.yaml: what the Helm chart takes, and names that exist."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
VALUES = ROOT / "kubernetes" / "values.yaml"
SCHEMA = Path(__file__).with_name("helm_values.schema.json")
PAGE = (ROOT / "docs" / "existing-airflow.md").read_text(encoding="utf-8")
CHART_READS = {
    "data.metadataSecretName": "connection",  # pragma: allowlist secret
    "fernetKeySecretName": "fernet-key",  # pragma: allowlist secret
    "jwtSecretName": "jwt-secret",  # pragma: allowlist secret
    "apiSecretKeySecretName": "api-secret-key",  # pragma: allowlist secret
}
"""The key that the chart reads in each Secret that it is told the name of."""


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    return yaml.safe_load(VALUES.read_text(encoding="utf-8"))


def checked(path: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "check-jsonschema"), "--schemafile", str(SCHEMA), str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_values_are_what_the_chart_takes() -> None:
    done = checked(VALUES)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("executor: KubernetesExecutor", "executor: Kubernetes"),
        ("  kubernetes:\n", "  pods:\n"),
        ('value: "False"', "value: false"),
        ("createUserJob: {enabled: false}", "webserver: {defaultUser: {enabled: false}}"),
        ("{memory: 4Gi}", "{memory: 4GB}"),
        ("useHelmHooks: false", "useHooks: false"),
    ],
)
def test_what_the_chart_would_refuse_or_overlook_is_found(right: str, wrong: str, tmp_path: Path) -> None:
    text = VALUES.read_text(encoding="utf-8")
    assert right in text
    (tmp_path / "values.yaml").write_text(text.replace(right, wrong), encoding="utf-8")
    assert checked(tmp_path / "values.yaml").returncode != 0


def test_the_chart_takes_the_values(tmp_path: Path) -> None:
    """With ``HELM_CHART``: the chart's folder, its archive, or its name where helm knows the repository."""
    if not shutil.which("helm") or "HELM_CHART" not in os.environ:
        pytest.skip("helm and the chart are not here: HELM_CHART=apache-airflow/airflow")
    command = ["helm", "template", "kpis", os.environ["HELM_CHART"], "--values", str(VALUES)]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert "close-kpi-pipeline" in made
    assert "readOnlyRootFilesystem: true" in made


def test_the_image_is_that_of_the_compose_file(values: dict[str, Any]) -> None:
    compose = (ROOT / "docker-compose.yaml").read_text(encoding="utf-8")
    assert f"image: close-kpi-pipeline:{values['defaultAirflowTag']}\n" in compose
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert f"FROM apache/airflow:{values['airflowVersion']}-" in dockerfile


def test_the_connections_are_those_of_the_compose_file(values: dict[str, Any]) -> None:
    compose = (ROOT / "docker-compose.yaml").read_text(encoding="utf-8")
    named = [one["name"] for one in values["env"]] + [one["envName"] for one in values["secret"]]
    told = {name for name in named if name.startswith("AIRFLOW_CONN_")}
    assert told == set(re.findall(r"AIRFLOW_CONN_[A-Z_]+(?=:)", compose))
    assert not [one for one in values["env"] if re.search("password|secret_key|keyfile", one["value"])]


def test_every_volume_that_is_mounted_is_there(values: dict[str, Any]) -> None:
    job = values["migrateDatabaseJob"]
    for volumes, mounts in (
        (values["volumes"], values["volumeMounts"]),
        (job["extraVolumes"], job["extraVolumeMounts"]),
    ):
        assert {one["name"] for one in mounts} == {one["name"] for one in volumes}
    [google] = [one["value"] for one in values["env"] if one["name"] == "AIRFLOW_CONN_GOOGLE_SHEETS_DEFAULT"]
    places = {one["name"]: one["mountPath"] for one in values["volumeMounts"]}
    assert Path(json.loads(google)["extra"]["key_path"]).parent == Path(places["google-key"])


def test_the_page_makes_every_secret_with_its_keys(values: dict[str, Any]) -> None:
    needed: dict[str, set[str]] = {"kpis-google-key": {"key.json"}}
    for place, key in CHART_READS.items():
        name: Any = values
        for part in place.split("."):
            name = name[part]
        needed[name] = {key}
    for one in values["secret"]:
        needed.setdefault(one["secretName"], set()).add(one["secretKey"])
    made = {
        name: set(re.findall(r"--from-file=([\w.-]+)", line))
        for name, line in re.findall(r"^kubectl create secret generic (\S+) (.*)$", PAGE, re.MULTILINE)
    }
    assert made == needed
