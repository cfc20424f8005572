"""One step in a process of its own: ``python -m benchmarks.measure <step> <folder>`` prints what it took as JSON."""

from __future__ import annotations

import json
import pickle
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from close_kpis.ui.listener import LIBRARIES

if TYPE_CHECKING:
    from collections.abc import Callable

SETTINGS = Path(__file__).parent / "kpis.yaml"
ZONE = "America/New_York"
RESULTS = "pandas.pickle"


def compute_with_lake(folder: Path, settings_file: Path = SETTINGS) -> None:
    """Compute, check and release the KPI tables, as the first run of the DAG ``sales_kpis`` does."""
    from benchmarks.account import lake_in
    from close_kpis.kpis.compute import compute

    compute(lake_in(folder), settings_file=settings_file)


def compute_without_records(folder: Path) -> None:
    """Do it again, without the records behind the numbers: other settings are a reason to compute."""
    settings = folder / "kpis.yaml"
    settings.write_text(SETTINGS.read_text(encoding="utf-8") + "workbook:\n  record_rows: 0\n", encoding="utf-8")
    compute_with_lake(folder, settings)


def compute_with_pandas(folder: Path) -> None:
    """Compute the tables in pandas and keep them in the folder."""
    import pandas as pd

    from benchmarks.account import AS_OF
    from benchmarks.pandas_kpis import compute

    files = json.loads((folder / "files.json").read_text(encoding="utf-8"))
    tables = compute(files, pd.Timestamp(AS_OF), ZONE)
    (folder / RESULTS).write_bytes(pickle.dumps(tables))


STEPS: dict[str, Callable[[Path], None]] = {
    "lake": compute_with_lake,
    "again": compute_without_records,
    "pandas": compute_with_pandas,
}


def peak_mb() -> float:
    """Return the largest resident size of this process; `getrusage` would tell that of the one that started it, too."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def main() -> None:
    """Run the step and print its seconds, CPU seconds and peak memory (MB).

    The libraries are loaded before: a LocalExecutor's tasks find them loaded by the scheduler.
    """
    step, folder = STEPS[sys.argv[1]], Path(sys.argv[2])
    for name in LIBRARIES:
        import_module(name)
    began, used_before = time.monotonic(), time.process_time()
    step(folder)
    seconds, cpu_seconds = time.monotonic() - began, time.process_time() - used_before
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
