"""Faults and quotas: what a client must survive."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import httpx
import pytest

from sandbox.sheets_api import SheetsSandbox
from tests.sandbox.sheets_api.support import Book, http

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CUT_OFF = (httpx.RemoteProtocolError, httpx.ReadError)
"""What a client sees of a reset: the end of the connection or, where it was still sending, the reset itself."""

RENAME = {"updateSpreadsheetProperties": {"properties": {"title": "Renamed"}, "fields": "title"}}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with SheetsSandbox(tmp_path / "state", anonymous=True) as running:
        yield Book(running, running.create_spreadsheet("Before"))


def title(book: Book) -> str:
    return book.get(fields="properties.title")["properties"]["title"]


@pytest.mark.parametrize(
    ("status", "name", "message"),
    [
        (503, "UNAVAILABLE", "The service is currently unavailable."),
        (500, "INTERNAL", "Internal error encountered."),
        (429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
    ],
)
def test_an_error_before_the_work_changes_nothing(book: Book, status: int, name: str, message: str) -> None:
    book.sandbox.faults.add("status", status=status, method="POST")
    answer = book.post(RENAME)
    assert (answer.status_code, answer.json()["error"]["status"]) == (status, name)
    assert answer.json()["error"]["message"] == message
    assert title(book) == "Before"
    assert book.post(RENAME).status_code == 200


def test_an_error_after_the_work_hides_that_it_was_done(book: Book) -> None:
    book.sandbox.faults.add("status_after", method="POST", path=":batchUpdate")
    assert book.post(RENAME).status_code == 503
    assert title(book) == "Renamed"


def test_a_reset_leaves_the_client_without_an_answer(book: Book) -> None:
    book.sandbox.faults.add("reset", method="POST")
    with pytest.raises(CUT_OFF):
        book.post(RENAME)
    assert title(book) == "Before"
    book.sandbox.faults.add("reset_after", method="POST")
    with pytest.raises(CUT_OFF):
        book.post(RENAME)
    assert title(book) == "Renamed"
    assert [item.status for item in book.sandbox.requests.matching(method="POST")] == [0, 0]


def test_a_front_end_error_is_a_page_not_json(book: Book) -> None:
    book.sandbox.faults.add("html", status=502)
    answer = http.get(book.url)
    assert answer.status_code == 502
    assert answer.headers["content-type"].startswith("text/html")


def test_a_slow_answer_outlasts_a_short_timeout(book: Book) -> None:
    book.sandbox.faults.add("slow", seconds=0.6)
    with pytest.raises(httpx.ReadTimeout):
        http.get(book.url, timeout=0.2)
    assert title(book) == "Before"


def test_a_fault_hits_as_often_as_it_was_told(book: Book) -> None:
    book.sandbox.faults.add("status", times=2)
    assert [http.get(book.url).status_code for _ in range(3)] == [503, 503, 200]


def test_over_the_quota_google_answers_429_with_its_details(book: Book) -> None:
    book.sandbox.quota.writes = 2
    assert [book.post(RENAME).status_code for _ in range(3)] == [200, 200, 429]
    error = book.post(RENAME).json()["error"]
    assert error["message"].startswith(
        "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute per user' of service"
    )
    assert error["details"][0]["metadata"]["quota_limit"] == "WriteRequestsPerMinutePerUser"
    assert title(book) == "Renamed"


def test_faults_quota_and_log_are_reachable_over_http(book: Book) -> None:
    base = f"{book.sandbox.url}/_sandbox"
    http.post(f"{base}/faults", json={"kind": "status", "status": 500, "times": 5}).raise_for_status()
    assert http.get(book.url).status_code == 500
    assert http.get(f"{base}/faults").json()["faults"][0]["times"] == 4
    http.delete(f"{base}/faults")
    http.post(f"{base}/quota", json={"reads": 0})
    assert http.get(book.url).status_code == 429
    http.post(f"{base}/quota", json={})
    assert http.get(book.url).status_code == 200
    statuses = [item["status"] for item in http.get(f"{base}/requests").json()["requests"]]
    assert statuses == [500, 429, 200]
    made = http.post(f"{base}/spreadsheets", json={"title": "Second", "id": "second"}).json()
    assert made == {"spreadsheetId": "second"}


def test_a_fault_that_does_not_exist_is_refused(book: Book) -> None:
    answer = http.post(f"{book.sandbox.url}/_sandbox/faults", json={"kind": "flood"})
    assert answer.status_code == 400
    assert "choose one of" in answer.json()["error"]["message"]


def test_concurrent_batches_all_land(book: Book) -> None:
    from concurrent.futures import ThreadPoolExecutor

    started = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        adds = [{"addSheet": {"properties": {"title": f"T{at}"}}} for at in range(12)]
        assert {answer.status_code for answer in pool.map(book.post, adds)} == {200}
    titles = [sheet["properties"]["title"] for sheet in book.get()["sheets"]]
    assert sorted(titles[1:]) == sorted(f"T{at}" for at in range(12))
    assert time.monotonic() - started < 30
