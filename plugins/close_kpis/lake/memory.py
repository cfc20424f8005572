"""How much memory DuckDB may take: of the container's or machine's, as much as leaves room for Python.

DuckDB spills what exceeds it into the temporary folder. Without a limit of ours it takes what the kernel ends the
process for, without a word.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MB = 2**20
FOR_PYTHON = 480 * MB
"""What a task takes beside DuckDB's buffers: Airflow and pandas, and what DuckDB does not count. Measured: a
computation of a million leads peaked 450 to 480 MB above its limit."""

LEAST = 128 * MB
"""DuckDB gets so much wherever it runs: with less not even a small lake opens."""

MOST = 1152 * MB
"""More is taken only where the connection says so: a million leads are computed as fast with 600 MB, three million
leads with 2560 MB in a sixth less of time, and other tasks run beside it."""

_SIZE = re.compile(r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*([kmgt]i?b)\s*", re.IGNORECASE)
_UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "kib": 2**10, "mib": MB, "gib": 2**30}
_UNITS |= {"tib": 2**40}


def read_size(text: str) -> int | None:
    """Return the bytes of a size such as ``1.5 GB``, as DuckDB reads them; None where it is none, or less than a MB."""
    found = _SIZE.fullmatch(text)
    size = int(float(found[1]) * _UNITS[found[2].lower()]) if found else 0
    return size if size >= 10**6 else None


def memory_limit(said: int | None, root: Path = Path("/")) -> int:
    """Return how many bytes DuckDB may take.

    Args:
        said: by the connection; it counts, whatever there is.
        root: of the file system that tells what there is.
    """
    return said or min(MOST, max(LEAST, available(root) * 9 // 10 - FOR_PYTHON))


def available(root: Path = Path("/")) -> int:
    """Return the bytes of memory that this process's container has, or the machine: the smallest limit counts."""
    [line] = [line for line in (root / "proc/meminfo").read_text().splitlines() if line.startswith("MemTotal:")]
    return min([int(line.split()[1]) * 1024, *_group_limits(root)])


def shown_size(size: float) -> str:
    """Return bytes for a reader."""
    return f"{size / 2**30:.1f} GB" if size >= 2**30 else f"{max(1, round(size / MB))} MB"


def _group_limits(root: Path) -> Iterator[int]:
    """Yield the limits of the process's control groups of both versions, and of those around them.

    A container sees its own group as the root of the file system, whatever its path is said to be.
    Source: docs.kernel.org/admin-guide/cgroup-v2.html, "memory.max"; cgroup-v1/memory.html, "memory.limit_in_bytes".
    """
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            mounts, name = [root / "sys/fs/cgroup", root / "sys/fs/cgroup/unified"], "memory.max"
        elif "memory" in controllers.split(","):
            mounts, name = [root / "sys/fs/cgroup/memory"], "memory.limit_in_bytes"
        else:
            continue
        inside = Path(path.lstrip("/"))
        for group in (inside, *inside.parents):
            for mount in mounts:
                try:
                    said = (mount / group / name).read_text().strip()
                except OSError:
                    continue
                if said.isdecimal():
                    yield int(said)
