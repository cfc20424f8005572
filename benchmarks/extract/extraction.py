"""Our extraction as a measured tool: ``python -m benchmarks.extract.extraction URL KEY LAKE`` is one sync."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.extract.messages import Held
from benchmarks.extract.processes import Run, run
from benchmarks.extract.truth import COMPARED, Row, kept
from close_kpis.close.client import ClientConfig
from close_kpis.close.registry import STREAMS
from close_kpis.lake.config import LakeConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.extract.sandbox import Sandbox


def main() -> None:
    """Do what a run of ``close_sync`` does, in one process; print what each stream did."""
    from close_kpis.sync.extraction import Extraction
    from close_kpis.sync.start import start_sync
    from close_kpis.sync.stream import sync_streams

    url, key, folder = sys.argv[1:]
    extraction = Extraction(ClientConfig(key, url), lake_in(Path(folder)))
    for counts in sync_streams(extraction, start_sync(extraction)):
        print(json.dumps(counts))


def lake_in(folder: Path) -> LakeConfig:
    """Return a lake in a folder."""
    return LakeConfig(f"sqlite:{folder}/catalog.sqlite", f"{folder}/data")


class OurTool:
    """The extraction of this project, with its lake.

    Args:
        folder: for the lake and the log.
    """

    name = "Close KPI pipeline"

    def __init__(self, folder: Path) -> None:
        self.held = Held()
        self.log = folder / "errors.log"
        self._folder = folder
        self._lake = folder / "lake"
        self._lake.mkdir()

    def sync(self, sandbox: Sandbox, limit: float) -> Run:
        """Run one sync in a process of its own and read what the lake holds then."""
        command = [sys.executable, "-m", "benchmarks.extract.extraction"]
        command += [sandbox.url, sandbox.api_key, str(self._lake)]
        done = run(command, self._folder / "counts.out", self.log, limit=limit)
        for stream in COMPARED:
            self.held.rows[stream] = kept(stream, self._rows(stream))
        return done

    def _rows(self, stream: str) -> Iterator[Row]:
        from close_kpis.lake.connection import connect

        columns = [column.name for column in STREAMS[stream].columns]
        with closing(connect(lake_in(self._lake))) as con:
            table = con.table(f"raw.{stream}").filter("_deleted_at is null").select(*columns)
            while batch := table.fetchmany(10_000):
                for values in batch:
                    yield dict(zip(columns, values, strict=True))


if __name__ == "__main__":
    main()
