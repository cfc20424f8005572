"""Airflow finds the package: connection forms, hooks, the plugin."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT


def entry_point(group: str) -> Any:
    """Return the package's entry point of a group."""
    found = [point for point in metadata.entry_points(group=group) if point.module.startswith("close_kpis")]
    assert found, "close-kpis is not installed: run `pip install --no-deps -e plugins` (make does)"
    return found[0].load()


def test_the_provider_is_described_as_airflow_wants_it() -> None:
    import airflow
    from jsonschema import validate

    folder = Path(airflow.__path__[0])
    for name in ("provider_info.schema.json", "provider.yaml.schema.json"):
        schema = json.loads((folder / name).read_text())
        described = entry_point("apache_airflow_provider")()
        if name.startswith("provider.yaml"):
            described = {"connection-types": described["connection-types"]}
            schema = {"properties": {"connection-types": schema["properties"]["connection-types"]}}
        validate(described, schema)


@pytest.mark.parametrize(
    ("connection_type", "hook_name"),
    [("close", "Close CRM"), ("ducklake", "DuckLake"), ("google_cloud_platform", "Google Sheets")],
)
def test_a_connection_type_has_a_hook_and_a_form(connection_type: str, hook_name: str) -> None:
    from airflow.providers_manager import ProvidersManager

    hooks = ProvidersManager().hooks
    hook = hooks[connection_type]
    assert hook is not None
    assert hook.connection_type == connection_type
    assert hook.hook_name == hook_name


def test_the_connection_form_offers_close_and_ducklake(airflow_db: None) -> None:
    """What the UI's list of connection types is filled with."""
    from airflow.api_fastapi.core_api.services.ui.connections import HookMetaService

    offered = {meta.hook_name: meta for meta in HookMetaService.hook_meta_data()}
    assert {"Close CRM", "DuckLake"} <= set(offered)
    close = offered["Close CRM"].standard_fields
    assert close is not None
    assert close.password is not None
    assert close.password.title == "API key"
    fields = offered["DuckLake"].extra_fields
    assert fields is not None
    assert {"catalog", "data_path"} <= set(fields)
    assert fields["s3_secret"]["schema"]["format"] == "password"


def test_the_plugin_brings_the_link_to_the_workbook() -> None:
    plugin = entry_point("airflow.plugins")
    assert [link.name for link in plugin.operator_extra_links] == ["Open in Google Sheets"]


def test_the_page_is_loaded_by_nobody_but_the_api_server() -> None:
    """The plugin is loaded by each task, too."""
    code = (
        "import sys, airflow.sdk; import close_kpis.ui.plugin;"
        "print({'fastapi', 'airflow.api_fastapi.core_api.security', 'close_kpis.ui.page.app'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "plugins", capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "set()"


@pytest.mark.parametrize(
    ("component", "loaded"),
    [
        ("from airflow.jobs.job import Job; Job()", True),
        (
            "from airflow.sdk.execution_time.task_runner import TaskRunnerMarker;"
            "from airflow.sdk.listener import get_listener_manager;"
            "get_listener_manager().hook.on_starting(component=TaskRunnerMarker())",
            False,
        ),
    ],
)
def test_the_scheduler_loads_what_its_tasks_need_and_a_task_does_not(component: str, loaded: bool) -> None:
    """In a process of its own, which has loaded nothing yet."""
    code = f"{component}; import sys; print({{'duckdb', 'pandas'}} <= set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1] == str(loaded)


def test_the_plugins_folder_loader_leaves_the_package_alone() -> None:
    """Else Airflow would import each module of the package as a plugin file of its own."""
    from airflow._shared.module_loading import find_path_from_directory

    files = list(find_path_from_directory(str(ROOT / "plugins"), ".airflowignore", "glob"))
    assert [path for path in files if path.endswith(".py")] == []
