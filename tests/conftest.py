"""What all tests share.

Airflow reads its configuration when it is first imported, so its environment is set here, before any
test module; Airflow itself is imported by the fixtures and tests that use it, and only they pay for it.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.close_api import CloseSandbox
    from sandbox.sheets_api import SheetsSandbox
    from tests.support.slack_server import Mailbox, Slack

ROOT = Path(__file__).resolve().parents[1]

COMPANY_DAY = date(2026, 6, 17)
"""The last day of the demo company that tests share: in the middle of a month and of a week."""


def _isolate_airflow() -> None:
    """Give this process (each worker of pytest-xdist is one) an Airflow home of its own."""
    for name in [name for name in os.environ if name.startswith(("AIRFLOW_", "CLOSE_KPIS_"))]:
        del os.environ[name]
    home = Path(tempfile.mkdtemp(prefix="close-kpis-tests-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ |= {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__UNIT_TEST_MODE": "True",
        # dag.test() does not work with a database in memory.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
    }


_isolate_airflow()

# No test fails because the machine does other work.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take minutes, so that no process waits for another's last file."""
    slow = {item.path for item in items if item.get_closest_marker("e2e")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def airflow_db() -> None:
    """Airflow's metadata database, with the pools that the DAGs name."""
    from airflow.models.pool import Pool
    from airflow.utils.db import initdb

    from close_kpis.accounts import pools

    initdb()
    for name, (slots, description) in pools().items():
        Pool.create_or_update_pool(name, slots=slots, description=description, include_deferred=False)


@pytest.fixture(scope="session")
def demo_company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company's account folder as of `COMPANY_DAY`: written once, not to be changed."""
    from sandbox.company import write_company

    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder = base / "demo-company"
    with FileLock(base / "demo-company.lock"):
        if not folder.exists():
            written = base / "demo-company.part"
            write_company(written, as_of=COMPANY_DAY)
            written.rename(folder)
    return folder


@pytest.fixture
def close_sandbox(demo_company: Path) -> Iterator[CloseSandbox]:
    """A Close API on loopback that serves the demo company, writable for this test alone."""
    from sandbox.close_api import CloseSandbox

    with CloseSandbox(demo_company) as sandbox:
        yield sandbox


@pytest.fixture
def sheets_sandbox(tmp_path: Path) -> Iterator[SheetsSandbox]:
    """A Google Sheets API on loopback without any spreadsheet."""
    from sandbox.sheets_api import SheetsSandbox

    with SheetsSandbox(tmp_path / "sheets") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SheetsSandbox]:
    """A Google Sheets API on loopback for all tests of a file."""
    from sandbox.sheets_api import SheetsSandbox

    with SheetsSandbox(tmp_path_factory.mktemp("sheets")) as sandbox:
        yield sandbox


@pytest.fixture
def set_connection(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Define an Airflow connection for this test: ``set_connection(conn_id, conn_type=..., ...)``."""

    def define(conn_id: str, **fields: Any) -> None:
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(fields))

    return define


@pytest.fixture
def lake_connection(tmp_path: Path, set_connection: Callable[..., None]) -> dict[str, str]:
    """An empty lake of this test as connection ``lake_default``; its extras are returned."""
    extra = {"catalog": f"sqlite:{tmp_path}/lake/catalog.sqlite", "data_path": f"{tmp_path}/lake/data"}
    set_connection("lake_default", conn_type="ducklake", extra=extra)
    return extra


@pytest.fixture
def slack(set_connection: Callable[..., None]) -> Iterator[Slack]:
    """Slack on loopback, as connections ``slack_default`` (bot) and ``hook_default`` (webhook)."""
    from tests.support.slack_server import TOKEN, WEBHOOK_PATH, Slack

    server = Slack()
    set_connection("slack_default", conn_type="slack", password=TOKEN, extra={"base_url": f"{server.url}/api/"})
    set_connection("hook_default", conn_type="slackwebhook", password=f"{server.url}{WEBHOOK_PATH}")
    yield server
    server.close()


@pytest.fixture
def mailbox(set_connection: Callable[..., None]) -> Iterator[Mailbox]:
    """An SMTP server on loopback, as connection ``smtp_default``."""
    from aiosmtpd.controller import Controller

    from close_kpis.standalone.processes import free_port
    from tests.support.slack_server import Mailbox

    box = Mailbox()

    class Handler:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd names it)
            fault = box.faults.pop(0) if box.faults else ""
            if fault[:1].isdecimal():
                return fault
            box.mails.append((list(envelope.rcpt_tos), message_from_bytes(envelope.content, policy=policy.default)))
            if fault == "lost_after":
                server.transport.abort()
            return "250 OK"

    controller = Controller(Handler(), hostname="127.0.0.1", port=free_port())
    controller.start()
    extra = {"from_email": "KPIs <kpis@example.com>", "disable_ssl": True, "disable_tls": True, "timeout": 5}
    port = controller.port
    set_connection("smtp_default", conn_type="smtp", host="127.0.0.1", port=port, extra=extra)
    yield box
    controller.stop()
