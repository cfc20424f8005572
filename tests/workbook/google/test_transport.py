"""The client: tries that end, waits that the server asks for, errors that say what to do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from google.auth.credentials import AnonymousCredentials

from close_kpis.workbook.google.errors import (
    SheetsAccessError,
    SheetsError,
    SheetsQuotaError,
    SheetsUnavailableError,
)
from close_kpis.workbook.google.transport import LONGEST_WAIT, SheetsTransport, _seconds_to_wait
from tests.workbook.conftest import Book, client_of

if TYPE_CHECKING:
    from sandbox.sheets_api import SheetsSandbox


def read(book: Book) -> dict[str, object]:
    return book.client.get_spreadsheet(book.id, {"fields": "spreadsheetId"})


@pytest.mark.parametrize("kind", ["status", "html", "reset"])
def test_reads_are_repeated(book: Book, kind: str) -> None:
    book.sandbox.faults.add(kind, method="GET", times=2)
    assert read(book) == {"spreadsheetId": book.id}
    assert book.calls("GET") == 3


def test_reading_gives_up_after_the_configured_tries(book: Book) -> None:
    book.sandbox.faults.add("status", method="GET", times=99)
    with pytest.raises(SheetsError, match="503 The service is currently unavailable"):
        read(book)
    assert book.calls("GET") == 3


def test_a_rate_limit_is_waited_for_on_writes_too(book: Book) -> None:
    book.sandbox.faults.add("status", method="POST", path=":batchUpdate", status=429)
    book.edit({"updateSheetProperties": {"properties": {"sheetId": 0, "title": "x"}, "fields": "title"}})
    assert book.calls("POST", ":batchUpdate") == 2


def test_a_quota_that_stays_used_up_is_told_from_a_server_that_is_down(book: Book) -> None:
    book.sandbox.faults.add("status", method="GET", times=99, status=429)
    with pytest.raises(SheetsQuotaError, match="429"):
        read(book)
    book.sandbox.faults.clear()
    book.sandbox.faults.add("status", method="GET", times=99, status=503)
    with pytest.raises(SheetsUnavailableError) as down:
        read(book)
    assert not isinstance(down.value, SheetsQuotaError)


def test_the_wait_that_the_server_asks_for_is_kept_within_bounds() -> None:
    assert _seconds_to_wait(SheetsUnavailableError("busy", 7.0)) == 7.0
    assert _seconds_to_wait(SheetsUnavailableError("busy", 86_400.0)) == LONGEST_WAIT
    assert _seconds_to_wait(SheetsUnavailableError("busy")) is True
    assert _seconds_to_wait(SheetsError("no")) is False


def test_a_server_that_does_not_answer_is_given_up(book: Book) -> None:
    client = client_of(book.sandbox, retries=0)
    client.get_spreadsheet(book.id, {"fields": "spreadsheetId"})  # has a token from here on
    client.set_timeout((5.0, 0.2))
    book.sandbox.faults.add("slow", method="GET", seconds=10.0)
    began = time.monotonic()
    with pytest.raises(SheetsError, match="broke: ReadTimeout"):
        client.get_spreadsheet(book.id, {"fields": "spreadsheetId"})
    assert time.monotonic() - began < 10.0


def test_requests_have_a_time_limit(book: Book) -> None:
    assert book.client.timeout == (5.0, 190.0)


def test_a_spreadsheet_that_is_not_shared_says_with_whom_to_share_it(sheets_sandbox: SheetsSandbox) -> None:
    book = Book(sheets_sandbox, client_of(sheets_sandbox), sheets_sandbox.create_spreadsheet("x", shared=False))
    email = sheets_sandbox.service_account_info()["client_email"]
    with pytest.raises(SheetsAccessError) as error:
        read(book)
    assert book.id in str(error.value)
    assert f"click Share, add {email} and share it as Editor" in str(error.value)
    assert book.calls("GET") == 1


def test_a_spreadsheet_that_does_not_exist_says_where_its_id_comes_from(book: Book) -> None:
    with pytest.raises(SheetsAccessError, match=r"spreadsheet nowhere .* does not exist.*between /d/ and /edit"):
        book.client.get_spreadsheet("nowhere", {"fields": "spreadsheetId"})


def test_without_credentials_the_connection_is_named(book: Book) -> None:
    client = SheetsTransport(
        AnonymousCredentials(), conn_id="my_sheets", api_endpoint=book.sandbox.url, num_retries=0, wait_initial=0.01
    )
    with pytest.raises(SheetsAccessError, match="my_sheets"):
        client.get_spreadsheet(book.id, {"fields": "spreadsheetId"})


def test_an_expired_token_is_renewed(book: Book) -> None:
    read(book)
    book.sandbox.auth.revoke_all()
    assert read(book) == {"spreadsheetId": book.id}


def test_an_error_shows_no_secret(sheets_sandbox: SheetsSandbox) -> None:
    info = sheets_sandbox.service_account_info()
    book = Book(sheets_sandbox, client_of(sheets_sandbox), sheets_sandbox.create_spreadsheet("x", shared=False))
    with pytest.raises(SheetsAccessError) as error:
        read(book)
    token = book.client.auth.token
    assert token
    assert token not in str(error.value)
    assert info["private_key"][40:80] not in str(error.value)
    assert error.value.__cause__ is None
