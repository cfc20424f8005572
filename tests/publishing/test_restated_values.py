"""Whatever is published one after another: each differing value of a completed month is restated once, and no other."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from close_kpis.kpis.registry import load_definitions
from close_kpis.lake.connection import connect
from close_kpis.lake.sql import statement
from close_kpis.publishing.restatements import restate
from close_kpis.workbook.tables import Stamp
from close_kpis.workbook.write import Published
from tests.support.lake import FreshLakes

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

pytestmark = pytest.mark.slow

MONTHS = [date(2026, month, 1) for month in range(1, 5)]
PLACES = [
    (tab, entity, kpi)
    for tab, entities, kpis in (
        ("Growth", ("Total",), ("total_customers", "churn_rate")),
        ("Reps", ("ann", "Team"), ("calls",)),
    )
    for entity in entities
    for kpi in kpis
]
STAMP = Stamp(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC), "run")

Values = dict[tuple[str, str, str, date], float | None]

publishes = st.lists(
    st.tuples(
        st.integers(1, len(MONTHS)),
        st.lists(
            st.sampled_from([None, 0.0, 1.0, 1.0, 1.0, 2.5]),
            min_size=len(PLACES) * len(MONTHS),
            max_size=len(PLACES) * len(MONTHS),
        ),
    ),
    min_size=1,
    max_size=4,
)
"""Publishes one after another: how many months there are, the last of them running, and the values."""


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> FreshLakes:
    return FreshLakes(tmp_path_factory.mktemp("lake"))


def shown(count: int, drawn: list[float | None]) -> Values:
    """Return what a publish shows; the number of customers is there in every month, as in a real one."""
    places = [(*place, month) for place in PLACES for month in MONTHS]
    values = {key: value for key, value in zip(places, drawn, strict=True) if key[3] in MONTHS[:count]}
    return {key: (value or 0.0) if key[2] == "total_customers" else value for key, value in values.items()}


def frame(values: Values, running: date) -> pd.DataFrame:
    rows = [
        (tab, pd.Timestamp(month), entity, kpi, value, month == running)
        for (tab, entity, kpi, month), value in values.items()
        if value is not None
    ]
    return pd.DataFrame(rows, columns=["tab", "month", "entity", "kpi", "value", "is_running"])


def expected(before: list[Values], now: Values, completed: set[date]) -> set[Any]:
    """Return the differing values of the months that were published as completed, of KPIs published before."""
    last = before[-1] if before else {}
    known = {key[:1] + key[2:3] for values in before for key, value in values.items() if value is not None}
    return {
        (key, last.get(key), now.get(key))
        for key in last.keys() | now.keys()
        if key[3] in completed and (key[0], key[2]) in known and last.get(key) != now.get(key)
    }


def publish(con: DuckDBPyConnection, lakes: FreshLakes, values: pd.DataFrame) -> int:
    con.execute("begin transaction")
    record, _ = restate(con, "c", values, STAMP, load_definitions())
    con.execute("commit")
    record.keep(con, lakes.config, "sheet", Published("url", 0, 0, 0))
    return record.publish_id


def restated(con: DuckDBPyConnection, publish_id: int) -> list[Any]:
    rows = con.execute(
        "select tab, entity, kpi, month, before, after from kpi.restatements where publish_id = ?", [publish_id]
    ).fetchall()
    return [((tab, entity, kpi, month), before, after) for tab, entity, kpi, month, before, after in rows]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(publishes)
def test_each_differing_value_of_a_completed_month_is_restated_once(
    lakes: FreshLakes, history: list[tuple[int, list[float | None]]]
) -> None:
    published: list[Values] = []
    completed: set[date] = set()
    with closing(connect(lakes.fresh())) as con:
        con.execute(statement("release.computations"))
        con.execute(
            "insert into kpi.computations values ('c', now(), now(), 1, '', '', null,"
            """ '{"timezone": "UTC", "customer_basis": "lead_status"}')"""
        )
        for count, drawn in history:
            now = shown(count, drawn)
            found = restated(con, publish(con, lakes, frame(now, MONTHS[count - 1])))
            assert len(found) == len(set(found))
            assert set(found) == expected(published, now, completed)
            assert restated(con, publish(con, lakes, frame(now, MONTHS[count - 1]))) == []
            published.append(now)
            completed = {month for *_, month in now if month < MONTHS[count - 1]}
