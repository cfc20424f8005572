"""A published workbook in a lake, Slack and an SMTP server on loopback, and an audience for each way."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import sample
from close_kpis.close.registry import stream_names
from close_kpis.digest.picture import picture
from close_kpis.digest.send import Way, find_messages, send_message
from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import connect, transaction
from close_kpis.publishing.publish import publish_workbook
from close_kpis.settings.file import Settings, load
from close_kpis.sync.bookmarks import Position, put_stream
from close_kpis.workbook.google.hook import GoogleSheetsHook
from tests.support.filled_lake import fill
from tests.support.lake import mark_complete
from tests.workbook.conftest import Book, client_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from close_kpis.digest.content import Digest
    from close_kpis.digest.messages import Message
    from close_kpis.workbook.tables import Tables
    from sandbox.sheets_api import SheetsSandbox
    from tests.support.slack_server import Mailbox, Slack

AS_OF = sample.STAMP.as_of
"""Friday, 19 June 2026, at midnight in New York."""

SATURDAY_AT_NINE = datetime(2026, 6, 20, 13, 5, tzinfo=UTC)

TEAM = 'team: {weekday: Saturday, hour: 9, slack_channel: "#revenue"}'
WEBHOOK = "field: {weekday: Saturday, hour: 9, slack_webhook: hook_default}"
BOARD = "board: {weekday: Saturday, hour: 9, addresses: [ann@example.com, bob@example.com]}"
INVESTORS = "investors: {every: month, day: 20, hour: 9, addresses: [vc@example.com], kpis: [growth.mrr, growth.arr]}"


def young(count: int = 5) -> Tables:
    return sample.tables(first=date(2026, 2, 1), count=count, warnings=3)


def set_synced(config: LakeConfig, as_of: datetime = AS_OF) -> None:
    """Leave the lake as a finished sync does."""
    with closing(connect(config)) as con, transaction(con, config):
        con.execute("delete from lake.sync.complete")
        con.execute("delete from lake.sync.streams")
        for name in stream_names():
            put_stream(con, name, as_of, Position(None, None))
        mark_complete(con)


@dataclass
class Office:
    """A company with a published workbook, and everything that a digest needs.

    Attributes:
        config: its lake.
        book: its workbook.
        slack: its Slack.
        mailbox: what its SMTP server has taken.
        settings_file: its kpis.yaml.
    """

    config: LakeConfig
    book: Book
    slack: Slack
    mailbox: Mailbox
    settings_file: Path

    @property
    def settings(self) -> Settings:
        return load(self.settings_file)

    def set_audiences(self, *audiences: str) -> None:
        lines = "\n".join(f"  {one}" for one in audiences)
        self.settings_file.write_text(
            f"timezone: America/New_York\nworkbook: {{title: Acme}}\ndigest:\n{lines}\n", encoding="utf-8"
        )

    def publish(self) -> None:
        publish_workbook(self.config, GoogleSheetsHook(), run_id="test", settings_file=self.settings_file)

    def find(self, **options: Any) -> list[Message]:
        return find_messages(lambda: self.config, self.settings, **options)

    def send(self, message: Message, **options: Any) -> str:
        way = Way("slack_default", "smtp_default", "google_sheets_default", **options)
        return send_message(self.config, self.settings, message, way, run_id="test")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(connect(self.config)) as con:
            return con.execute(query).fetchall()

    @property
    def states(self) -> list[tuple[Any, ...]]:
        """What is recorded of messages."""
        if self.rows("select count(*) from duckdb_tables() where table_name = 'digests'") == [(0,)]:
            return []
        return self.rows("select audience, kind, recipient, state from lake.published.digests order by all")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, sheets: SheetsSandbox) -> tuple[LakeConfig, bytes, Book]:
    """A lake whose numbers are published, the bytes of its catalog, and the workbook."""
    folder = tmp_path_factory.mktemp("lake")
    config = LakeConfig(f"sqlite:{folder}/catalog.sqlite", f"{folder}/data")
    fill(config, young())
    set_synced(config)
    book = Book(sheets, client_of(sheets), sheets.create_spreadsheet("Acme"))
    settings_file = folder / "kpis.yaml"
    settings_file.write_text("workbook: {title: Acme}\n", encoding="utf-8")
    extra = {"keyfile_dict": sheets.service_account_info(), "api_endpoint": sheets.url, "spreadsheet_id": book.id}
    with pytest.MonkeyPatch.context() as patch:
        set_google(patch, extra)
        publish_workbook(config, GoogleSheetsHook(), run_id="test", settings_file=settings_file)
    return config, (folder / "catalog.sqlite").read_bytes(), book


def set_google(patch: pytest.MonkeyPatch, extra: dict[str, Any]) -> None:

    fields = {
        "conn_type": "google_cloud_platform",
        "extra": {**extra, "keyfile_dict": json.dumps(extra["keyfile_dict"])},
    }
    patch.setenv("AIRFLOW_CONN_GOOGLE_SHEETS_DEFAULT", json.dumps(fields))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the time at which digests are looked for; Saturday, a few minutes past nine, at first."""

    def set_clock(at: datetime) -> None:
        monkeypatch.setattr("close_kpis.digest.send.now", lambda zone="UTC": at)

    set_clock(SATURDAY_AT_NINE)
    return set_clock


_drawn: dict[str, bytes] = {}


def one_picture(digest: Digest) -> bytes:
    """Return the picture of the first digest for all of them: drawing one takes longer than the rest of a test."""
    if not _drawn:
        _drawn["png"] = picture(digest)
    return _drawn["png"]


@pytest.fixture
def office(
    published: tuple[LakeConfig, bytes, Book],
    slack: Slack,
    mailbox: Mailbox,
    clock: Callable[[datetime], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    set_connection: Callable[..., None],
) -> Office:
    """The company on Saturday at nine: everything is published, nothing is sent."""
    config, catalog, book = published
    place = Path(config.location)
    for suffix in ("-wal", "-shm"):
        place.with_name(f"{place.name}{suffix}").unlink(missing_ok=True)
    place.write_bytes(catalog)
    set_connection(
        "lake_default", conn_type="ducklake", extra={"catalog": config.catalog, "data_path": config.data_path}
    )
    sandbox = book.sandbox
    set_google(
        monkeypatch,
        {"keyfile_dict": sandbox.service_account_info(), "api_endpoint": sandbox.url, "spreadsheet_id": book.id},
    )
    monkeypatch.setattr("close_kpis.digest.picture.picture", one_picture)
    monkeypatch.setenv("CLOSE_KPIS_SETTINGS", str(tmp_path / "kpis.yaml"))
    made = Office(config, book, slack, mailbox, tmp_path / "kpis.yaml")
    made.set_audiences(TEAM)
    return made


LATER = timedelta(hours=20)
"""Enough for the published numbers to be late."""
