"""A run that a hostile server refuses leaves the key nowhere: not in its logs, not in Airflow's database."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.close.test_hostile import send, serving
from tests.support.dags import run_in_process

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler

    from airflow.dag_processing.dagbag import DagBag

KEY = "api_hush/hush+hush"
HEADER = b64encode(f"{KEY}:".encode()).decode()


@pytest.mark.slow
@pytest.mark.usefixtures("airflow_db")
def test_a_key_that_the_server_repeats_is_in_no_file_of_a_run(
    dag_bag: DagBag, set_connection: Callable[..., None], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        header = str(handler.headers["authorization"])
        said = f"refused {KEY}: {quote(KEY, safe='')}, {header}, {quote(header, safe='')}, \x1b[31m"
        send(handler, json.dumps({"error": said}).encode(), 401)

    extra = {"catalog": f"sqlite:{tmp_path}/catalog.sqlite", "data_path": f"{tmp_path}/data"}
    set_connection("lake_default", conn_type="ducklake", extra=extra)
    with serving(answer) as server:
        set_connection("close_default", conn_type="close", host=server.url, password=KEY)
        assert run_in_process(dag_bag.dags["close_sync"]).state == "failed"
        assert server.asked
    printed = "".join(capfd.readouterr())
    assert "refused ***" in printed
    left = [path for top in (Path(os.environ["AIRFLOW_HOME"]), tmp_path) for path in top.rglob("*") if path.is_file()]
    assert any(path.name == "airflow.db" for path in left)
    texts = [printed.encode(), *(path.read_bytes() for path in left)]
    for secret in (KEY, quote(KEY, safe=""), HEADER.rstrip("="), quote(HEADER, safe="")):
        assert not [text for text in texts if secret.encode() in text]
