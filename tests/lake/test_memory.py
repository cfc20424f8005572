"""How much memory DuckDB takes, and what happens beyond it."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from close_kpis.lake.config import LakeError
from close_kpis.lake.connection import connect, opened
from close_kpis.lake.hook import LakeHook
from close_kpis.lake.memory import FOR_PYTHON, LEAST, MB, MOST, available, memory_limit, read_size

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from close_kpis.lake.config import LakeConfig

GB = 1024 * MB


def machine(root: Path, cgroup: str, files: dict[str, str], memory: int = 16 * GB) -> Path:
    """Write what a kernel tells of a machine with so much memory."""
    told = {"proc/meminfo": f"MemFree: 1 kB\nMemTotal: {memory // 1024} kB\n", "proc/self/cgroup": cgroup, **files}
    for name, text in told.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("cgroup", "files", "expected"),
    [
        ("0::/\n", {}, 16 * GB),
        ("0::/\n", {"sys/fs/cgroup/memory.max": f"{GB}\n"}, GB),
        ("0::/\n", {"sys/fs/cgroup/memory.max": "max\n"}, 16 * GB),
        ("0::/\n", {"sys/fs/cgroup/memory.max": f"{64 * GB}\n"}, 16 * GB),
        (
            "0::/a/b\n",
            {"sys/fs/cgroup/a/memory.max": f"{2 * GB}\n", "sys/fs/cgroup/a/b/memory.max": "max\n"},
            2 * GB,
        ),
        ("4:memory:/docker/1\n0::/\n", {"sys/fs/cgroup/memory/memory.limit_in_bytes": f"{GB}\n"}, GB),
        ("4:cpu,memory:/docker/1\n", {"sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes": f"{3 * GB}\n"}, 3 * GB),
        ("4:memory:/\n", {"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, 16 * GB),
        ("4:cpu:/x\n0::/\n", {"sys/fs/cgroup/unified/memory.max": f"{GB}\n"}, GB),
    ],
)
def test_the_smallest_limit_of_machine_and_container_counts(
    tmp_path: Path, cgroup: str, files: dict[str, str], expected: int
) -> None:
    assert available(machine(tmp_path, cgroup, files)) == expected


def test_a_machine_without_control_groups_has_its_memory(tmp_path: Path) -> None:
    root = machine(tmp_path, "", {}, 2 * GB)
    (root / "proc/self/cgroup").unlink()
    assert available(root) == 2 * GB


@pytest.mark.parametrize(
    ("there_is", "limit"),
    [
        (64 * MB, LEAST),
        (512 * MB, LEAST),
        (GB, GB * 9 // 10 - FOR_PYTHON),
        (3 * GB // 2, 3 * GB // 2 * 9 // 10 - FOR_PYTHON),
        (2 * GB, MOST),
        (8 * GB, MOST),
        (256 * GB, MOST),
    ],
)
def test_room_is_left_for_python(tmp_path: Path, there_is: int, limit: int) -> None:
    assert memory_limit(None, machine(tmp_path, "0::/\n", {}, there_is)) == limit
    assert memory_limit(3 * GB, tmp_path) == 3 * GB


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2GB", 2 * 10**9),
        (" 1.5 gib", int(1.5 * GB)),
        ("800MB", 800 * 10**6),
        *((text, None) for text in ("2", "80%", "-1GB", "nan GB", "1KB", "", "1e9GB", "9" * 400 + "GB")),
    ],
)
def test_a_size_is_read_as_duckdb_reads_it(text: str, size: int | None) -> None:
    assert read_size(text) == size


def test_the_connection_says_how_much_and_duckdb_keeps_to_it(
    set_connection: Callable[..., None], lake: LakeConfig
) -> None:
    extra = {"catalog": lake.catalog, "data_path": lake.data_path, "memory_limit": "256MiB"}
    set_connection("lake_default", conn_type="ducklake", extra=extra)
    assert LakeHook().get_first("select current_setting('memory_limit')") == ("256.0 MiB",)
    set_connection("lake_default", conn_type="ducklake", extra={**extra, "memory_limit": "a lot"})
    with pytest.raises(LakeError, match=r"lake_default: memory_limit is 'a lot' in its extra: write a size such as"):
        _ = LakeHook().config


def test_work_beyond_the_memory_spills_into_a_private_folder_that_goes_with_the_connection(
    lake: LakeConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    connect(lake).close()
    with opened(replace(lake, memory_limit=32 * MB), read_only=True) as con:
        result = con.execute("select range, md5(range::text) as digest from range(2_000_000) order by digest")
        assert result.fetchone() is not None
        [folder] = tmp_path.glob("close-kpis-spill-*")
        spilled = [folder, *folder.iterdir()]
        assert len(spilled) > 1
        assert [path for path in spilled if path.stat().st_mode & 0o077] == []
    assert list(tmp_path.glob("close-kpis-spill-*")) == []


def test_too_little_memory_is_told_with_how_much_is_needed(lake: LakeConfig) -> None:
    said = (
        r"there is not enough memory: DuckDB may take 32 MB here, of [\d.]+ GB that the container or the machine has.*"
        r"Give it \d+ MB, or more to DuckDB by the field `memory_limit`.*then clear the task"
    )
    with pytest.raises(LakeError, match=said), opened(replace(lake, memory_limit=32 * MB)) as con:
        con.execute("select list(md5(range::text)) from range(3_000_000)").fetchall()
    with opened(lake) as con:
        assert con.execute("select count(*) from raw.leads").fetchall() == [(0,)]
