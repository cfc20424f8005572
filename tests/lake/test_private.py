"""Nobody but their owner can read the files that a lake leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conftest import ROOT

if TYPE_CHECKING:
    from close_kpis.lake.config import LakeConfig

WRITE = """
import os
import sys
import tempfile
from datetime import UTC, datetime
from close_kpis.lake.backup import back_up
from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import connect, transaction
from close_kpis.lake.loader import merge
os.umask(0)
config, now = LakeConfig(*sys.argv[1:3]), datetime.now(UTC)
con = connect(config)

def rows():
    for number in range(1000):
        yield {"id": f"lead_{number}"}
    for name in os.listdir(tempfile.gettempdir()):
        print(name, oct(os.stat(os.path.join(tempfile.gettempdir(), name)).st_mode & 0o777))

with transaction(con, config):
    merge(con, "leads", rows(), synced_at=now)
back_up(con, config, now)
# The journal is there as long as somebody has the catalog open.
con.execute("begin transaction")
con.execute("from raw.leads").fetchall()
os._exit(0)
"""


def test_files_are_their_owners_only_whatever_the_mask_was(new_lake: LakeConfig, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-u", "-c", WRITE, new_lake.catalog, new_lake.data_path],
        env={**os.environ, "PYTHONPATH": str(ROOT / "plugins"), "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=True,
    )
    spools = [line.split() for line in done.stdout.splitlines()]
    assert [(name.partition("spool")[1], mode) for name, mode in spools] == [("spool", "0o600")]
    left = {*Path(new_lake.location).parent.rglob("*")}
    assert {".sqlite", ".lock", ".parquet"} <= {path.suffix for path in left}
    assert [path for path in left if path.stat().st_mode & 0o077] == []
