"""Where the links of the page lead.

Every page of an account lies in one folder, so that an address relative to it also holds where a proxy serves Airflow
below a path of its own: the folder is the page's own prefix, or below it where there are several accounts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from close_kpis.kpis.registry import load_definitions
from close_kpis.publishing.values import TEAM, TOTAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from close_kpis.accounts import Account


def dag_page(account: Account, dag_id: str) -> str:
    """Return Airflow's pages of a DAG, by the id that it has here: ``runs`` and ``backfills`` lie below."""
    return f"{'../../' if account.name else '../'}dags/{quote(dag_id, safe='')}"


def run_page(account: Account, dag_id: str, run_id: str) -> str:
    """Return Airflow's page of a DAG run."""
    return f"{dag_page(account, dag_id)}/runs/{quote(run_id, safe='')}"


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
