"""Where the links of the page lead.

Every page lies directly below the page's own prefix, so that an address relative to it also holds where a proxy serves
Airflow below a path of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from close_kpis.kpis.registry import load_definitions
from close_kpis.publishing.values import TEAM, TOTAL

if TYPE_CHECKING:
    from collections.abc import Mapping

BACKFILLS = "../dags/close_history/backfills"
"""Airflow's page of the DAG to backfill: it has no address for the form itself."""


def run_page(dag_id: str, run_id: str) -> str:
    """Return Airflow's page of a DAG run."""
    return f"../dags/{quote(dag_id, safe='')}/runs/{quote(run_id, safe='')}"


def records_page(**asked: str | None) -> str:
    """Return the page of the records behind a number.

    Args:
        asked: as for `close_kpis.explain.asked.Asked`.
    """
    return f"records?{urlencode({name: value for name, value in asked.items() if value is not None})}"


def records_of_restatement(row: Mapping[str, Any]) -> str | None:
    """Return the page of the records behind a restated value, None where nobody can ask for them.

    Args:
        row: tab, month, entity and kpi, as ``kpi.restatements`` has them.
    """
    report = load_definitions().published_as().get(row["tab"])
    if report is None or row["kpi"] not in load_definitions().reports[report].kpis:
        return None
    asked = {"report": report, "month": f"{row['month']:%Y-%m}", "kpi": row["kpi"]}
    if row["entity"] in {TEAM, TOTAL}:
        return records_page(**asked)
    whose = {"reps": "rep", "sources": "source"}.get(report)
    return records_page(**asked, **{whose: row["entity"]}) if whose else None


def web_address(text: str | None) -> str | None:
    """Return an address that a browser opens as a page, None for any other text."""
    try:
        return text if text and urlsplit(text).scheme in {"http", "https"} else None
    except ValueError:
        return None
