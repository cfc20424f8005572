"""One step of the pipeline as a process of its own, for a test to kill: ``python steps.py <step> [argument]``."""

from __future__ import annotations

import sys


def sync() -> None:
    """Do what close_sync does."""
    from close_kpis.sync import extract

    as_of = extract.start_sync()
    for stream in extract.stream_names():
        extract.sync_stream(stream, as_of)
    extract.finish_sync()


def compute(month: str) -> None:
    """Do what sales_kpis does."""
    from close_kpis.kpis import compute
    from close_kpis.lake.hook import LakeHook
    from close_kpis.paths import settings_path

    compute.compute(LakeHook("lake_default").config, settings_file=settings_path())


def publish(run_id: str) -> None:
    """Do what sheets_publish does."""
    from close_kpis.publishing.publish import publish_workbook

    publish_workbook(run_id=run_id)


if __name__ == "__main__":
    {"sync": sync, "compute": compute, "publish": publish}[sys.argv[1]](*sys.argv[2:])
