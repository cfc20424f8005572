"""One task's work on one stream: its connections, what it has read, and how rows are stored."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from close_kpis.close.lists import by_ids, one
from close_kpis.close.reference import Row, read_users
from close_kpis.close.windows import joined
from close_kpis.lake.connection import run_transaction
from close_kpis.lake.loader import MergeResult, merge, tombstone
from close_kpis.lake.sql import statement
from close_kpis.reporting import logger
from close_kpis.sync.bookmarks import bounds, put_missing, put_windows
from close_kpis.sync.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from duckdb import DuckDBPyConnection

    from close_kpis.close.client import CloseClient
    from close_kpis.close.stream import Stream
    from close_kpis.close.windows import Window
    from close_kpis.lake.config import LakeConfig

log = logger(__name__)

T = TypeVar("T")
Work = Callable[["DuckDBPyConnection"], None]


@dataclass
class Session:
    """A stream being read by one task.

    Attributes:
        client: an open client of Close.
        con: an open connection to the lake.
        lake: the lake.
        stream: what is read.
        as_of: the sync's instant.
        is_known: whether the lake holds rows of the stream from before this load.
        batch_rows: rows after which a load commits.
        batch_seconds: seconds after which it does.
        result: what storing rows did so far.
        deleted: how many were marked as deleted.
        unseen: ids of rows that Close no longer shows though no event says that they were deleted.
    """

    client: CloseClient
    con: DuckDBPyConnection
    lake: LakeConfig
    stream: Stream
    as_of: datetime
    is_known: bool = True
    batch_rows: int = 20_000
    batch_seconds: float = 10.0
    result: MergeResult = field(default_factory=lambda: MergeResult(0, 0, 0))
    deleted: int = 0
    unseen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Begin to count time."""
        self.progress = Progress(self.stream.name)

    def query(self, name: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a statement of ``include/sql/plumbing``, on the stream's table where it names one."""
        text = statement(name, self.stream.name)
        return self.con.execute(text, dict(parameters or {})).fetchall()

    def ids(self, name: str, parameters: Mapping[str, Any] | None = None) -> set[str]:
        """Return the first column of such a query."""
        return {row[0] for row in self.query(name, parameters)}

    async def read_ids(self, ids: Iterable[str]) -> tuple[list[Row], set[str]]:
        """Read objects by their ids.

        Returns:
            The rows of those that Close has, and the ids of the others.
        """
        asked = sorted(ids)
        rows = [self.stream.row(obj) for obj in await by_ids(self.client, self.stream, asked)]
        return rows, set(asked) - {row["id"] for row in rows}

    async def read_outdated(self, outlines: list[Row]) -> list[Row]:
        """Read those rows that Close has in another version than the lake, or that the lake lacks.

        Args:
            outlines: ids, time stamps and leads of rows as Close has them; see `Stream.outline`.
        """
        columns = {"ids": "id", "updated": "date_updated", "leads": "lead_id"}
        listed = {name: [row[column] for row in outlines] for name, column in columns.items()}
        rows, _ = await self.read_ids(self.ids("stored.outdated", listed))
        return rows

    async def store(self, rows: list[Row], gone: Iterable[str] = (), then: Work | None = None) -> None:
        """Store rows, deletions and bookmarks, all or nothing.

        Args:
            rows: of the stream's table.
            gone: ids of rows that were deleted.
            then: further work in the same transaction.
        """
        rows = await self._without_ghosts(rows)
        read_at = datetime.now(UTC)

        def work(con: DuckDBPyConnection) -> tuple[MergeResult, int]:
            merged = merge(con, self.stream.name, rows, synced_at=read_at)
            marked = tombstone(con, self.stream.name, list(gone), read_at)
            if then is not None:
                then(con)
            return merged, marked

        merged, marked = await self._commit(work)
        self.result += merged
        self.deleted += marked

    async def store_unknown_users(self) -> None:
        """Read the users that the stored rows name and the member lists lack: they left long ago."""
        if not self.stream.user_columns:
            return
        unknown = self.ids("stored.unknown_users")
        if not unknown:
            return
        rows, lost = await read_users(self.client, unknown)
        read_at = datetime.now(UTC)

        def work(con: DuckDBPyConnection) -> None:
            stubs = [{"id": user_id, "is_active": False} for user_id in sorted(lost)]
            merge(con, "users", [*rows, *stubs], synced_at=read_at)
            tombstone(con, "users", lost, read_at)

        await self._commit(work)
        log.info("%s: %d former users read, %d unknown to Close", self.stream.name, len(rows), len(lost))

    async def _commit(self, work: Callable[[DuckDBPyConnection], T]) -> T:
        """Run a transaction beside the requests; a task that is cancelled still waits for its end."""
        commit = asyncio.ensure_future(asyncio.to_thread(run_transaction, self.con, self.lake, work))
        try:
            return await asyncio.shield(commit)
        except asyncio.CancelledError:
            await asyncio.wait([commit])
            raise

    def counts(self) -> dict[str, Any]:
        """Return what the task did, as plain values."""
        return {
            "stream": self.stream.name,
            "rows": self.result.inserted + self.result.updated + self.result.unchanged,
            "inserted": self.result.inserted,
            "updated": self.result.updated,
            "deleted": self.deleted,
            "no_longer_visible": len(self.unseen),
            "requests": self.client.requests,
            "seconds": round(time.monotonic() - self.progress.began, 1),
        }

    async def _without_ghosts(self, rows: list[Row]) -> list[Row]:
        """Leave out what the search still shows a moment after it was deleted."""
        if not self.stream.is_searched or not rows:
            return rows
        buried = {
            row_id
            for row_id, is_deleted in self.query("stored.ids", {"ids": [row["id"] for row in rows]})
            if is_deleted
        }
        found = await asyncio.gather(*(one(self.client, self.stream, row_id) for row_id in sorted(buried)))
        alive = {obj["id"] for obj in found if obj is not None}
        return [row for row in rows if row["id"] not in buried or row["id"] in alive]


class Collector:
    """Gathers the pages of a load and stores them in batches, each with the windows it completes.

    Rows that the lake has in such a window and that did not come are asked for by their ids: they have
    moved, or Close no longer shows them.

    Args:
        session: the stream and its connections.
        notes_windows: whether the windows are stored as loaded.
        reads_outlines: whether pages hold outlines of rows, of which only the outdated are read whole.
    """

    def __init__(self, session: Session, *, notes_windows: bool = True, reads_outlines: bool = False) -> None:
        self._session = session
        self._stream = session.stream.outline if reads_outlines else session.stream
        self._reads_outlines = reads_outlines
        self._notes_windows = notes_windows
        self._rows: list[Row] = []
        self._covered: list[Window] = []
        self._seen_before: set[str] = set()
        self._stored_at = time.monotonic()
        self._turn = asyncio.Lock()

    async def add(self, objects: Iterable[Mapping[str, Any]], covered: Window | None) -> None:
        """Take a page, and the window that is complete with it."""
        session = self._session
        self._rows += [self._stream.row(obj) for obj in objects]
        if covered is not None and not covered.is_empty:
            self._covered.append(covered)
            session.progress.cover([covered])
        session.progress.tell(session.counts())
        # While a batch is being stored reading goes on, until another one is full.
        is_late = time.monotonic() - self._stored_at > session.batch_seconds and not self._turn.locked()
        if len(self._rows) >= session.batch_rows or (is_late and self._rows):
            await self.flush()

    @property
    def stream(self) -> Stream:
        """The stream as its pages are to be asked for."""
        return self._stream

    async def flush(self, more: Iterable[Row] = (), gone: Iterable[str] = (), then: Work | None = None) -> None:
        """Store what has been gathered.

        Args:
            more: further rows.
            gone: ids of rows that were deleted.
            then: further work in the same transaction.
        """
        session = self._session
        async with self._turn:
            rows, covered = [*self._rows, *more], self._covered
            self._rows, self._covered = [], []
            if not rows and not covered and not gone and then is None:
                return
            seen = {row["id"] for row in rows}
            if self._reads_outlines:
                rows = await session.read_outdated(rows) if rows else []
            windows = joined(covered)
            missed = self._stored_in(windows) - seen - self._seen_before
            found, lost = await session.read_ids(missed) if missed else ([], set())
            session.unseen |= lost

            def work(con: DuckDBPyConnection) -> None:
                if self._notes_windows:
                    put_windows(con, session.stream.name, windows, datetime.now(UTC))
                    put_missing(con, session.stream.name, lost)
                if then is not None:
                    then(con)

            await session.store([*rows, *found], gone, work)
            self._seen_before = seen
            self._stored_at = time.monotonic()

    def _stored_in(self, windows: list[Window]) -> set[str]:
        if not windows or not self._session.is_known:
            return set()
        return self._session.ids("stored.in_windows", bounds(windows))
