"""Whatever Google answers to a publish: the new workbook, or an error of ours, and the next publish mends it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from close_kpis.workbook.google.errors import SheetsError
from close_kpis.workbook.spec import Cell, Tab, Workbook

if TYPE_CHECKING:
    from tests.workbook.conftest import Book

bodies = st.sampled_from((
    *(b"", b"null", b"[]", b"{}", b'"x"', b"5", b"<html>", b"\xff\xfe", b"[" * 5000, b'{"sheets": null}'),
    *(b'{"sheets": [1]}', b'{"sheets": [{}]}', b'{"sheets": {}}', b'{"replies": 1}', b'{"properties": []}'),
))
changes = st.one_of(
    st.tuples(st.just("body"), bodies),
    st.tuples(st.just("cut"), st.floats(0.0, 0.99)),
    st.tuples(st.just("status"), st.sampled_from([400, 401, 403, 404, 409, 429, 500, 503])),
)


def workbook(month: int) -> Workbook:
    rows = ((Cell("Month"), Cell("MRR")), *((Cell(f"m{n}"), Cell(100 * month + n)) for n in range(month)))
    return Workbook((Tab("growth", "Growth", rows, header=0, labels=(0,)),))


@pytest.mark.slow
def test_a_publish_ends_with_the_workbook_or_an_error_of_ours(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    plan: dict[int, tuple[str, Any]] = {}
    asked = 0
    send = requests.Session.request

    def between(self: requests.Session, *args: Any, **kwargs: Any) -> requests.Response:
        nonlocal asked
        reply = send(self, *args, **kwargs)
        kind, what = plan.get(asked, ("", None))
        asked += 1
        match kind:
            case "body":
                reply._content = what
            case "cut":
                reply._content = reply.content[: int(what * len(reply.content))]
            case "status":
                reply.status_code = what
                reply._content = json.dumps({"error": {"code": what, "message": "no"}}).encode()
        return reply

    monkeypatch.setattr(requests.Session, "request", between)
    # From here on there is a token; what each example writes to is new to it.
    book.publish(workbook(3))

    @settings(
        max_examples=25, derandomize=True, database=None,
        suppress_health_check=[HealthCheck.nested_given],
    )  # fmt: skip
    @given(st.dictionaries(st.integers(0, 4), changes, min_size=1, max_size=2))
    def check(chosen: dict[int, tuple[str, Any]]) -> None:
        nonlocal plan, asked
        plan = {}
        one = replace(book, id=book.sandbox.create_spreadsheet("Close KPIs"))
        one.publish(workbook(3))
        plan, asked = chosen, 0
        try:
            one.publish(workbook(4))
        except SheetsError:
            # What was not carried out is by the next publish.
            plan = {}
            one.publish(workbook(4))
        assert [row[1] for row in one.values("Growth")] == ["MRR", 400, 401, 402, 403]

    check()
