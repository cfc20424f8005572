"""The HTTP client below gspread: address, time limits, bounded retries, clear errors.

gspread's own clients send without a time limit and either never or endlessly try again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import google.auth.exceptions
import requests
import stamina
from gspread.exceptions import APIError
from gspread.http_client import HTTPClient

from close_kpis.retry_after import read_retry_after
from close_kpis.workbook.google.credentials import GOOGLE_SHEETS, account_name
from close_kpis.workbook.google.errors import (
    SheetsAccessError,
    SheetsError,
    SheetsQuotaError,
    SheetsRequestError,
    SheetsUnavailableError,
    SheetsWriteUncertainError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from google.auth.credentials import Credentials

GOOGLE_DOCS = "https://docs.google.com"
CONNECT_SECONDS = 5.0
READ_SECONDS = 190.0
"""A little above the 180 s after which Google gives up on a request."""
LONGEST_WAIT = 120.0
"""The longest wait before a request is tried again, whatever the server asks for."""


def compact_json(body: Any) -> bytes:
    """Return a request body as it is sent; NaN and infinity, which are no JSON, are an error."""
    return json.dumps(body, separators=(",", ":"), allow_nan=False).encode()


def page_url(api_endpoint: str, spreadsheet_id: str) -> str:
    """Return the address at which people open a spreadsheet that an API serves."""
    site = GOOGLE_DOCS if api_endpoint == GOOGLE_SHEETS else api_endpoint
    return f"{site}/spreadsheets/d/{spreadsheet_id}/edit"


class _UnreadableError(SheetsUnavailableError):
    """An answer came that is not what it should be."""


class SheetsTransport(HTTPClient):
    """gspread's HTTP client with this project's address, time limits, retries and errors.

    Args:
        auth: Google credentials.
        conn_id: the connection's id, for messages.
        api_endpoint: address of the API.
        num_retries: how often a request is tried again.
        wait_initial: seconds before the first repetition; they double each time, with jitter on top.
    """

    def __init__(
        self,
        auth: Credentials,
        *,
        conn_id: str,
        api_endpoint: str = GOOGLE_SHEETS,
        num_retries: int = 5,
        wait_initial: float = 1.0,
    ) -> None:
        super().__init__(auth)
        self.set_timeout((CONNECT_SECONDS, READ_SECONDS))
        self.conn_id = conn_id
        self.account = account_name(auth, conn_id)
        self.num_retries = num_retries
        self.wait_initial = wait_initial
        self._endpoint = api_endpoint

    def get_spreadsheet(self, spreadsheet_id: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Read a spreadsheet.

        Args:
            spreadsheet_id: which one.
            params: query parameters of spreadsheets.get.

        Raises:
            SheetsAccessError: there is no such spreadsheet, or the account may not read it.
            SheetsError: Google did not answer in time, repeatedly.
        """
        for attempt in self.attempts(_UnreadableError):
            with attempt:
                address = f"{GOOGLE_SHEETS}/v4/spreadsheets/{spreadsheet_id}"
                reply = self.request("get", address, params={**params, "prettyPrint": "false"})
                body = _object(reply)
                if body is not None and ("sheets" not in str(params.get("fields")) or _has_sheets(body)):
                    return body
                raise _UnreadableError(f"{self._said_nothing()}; run the task again")
        raise AssertionError("unreachable: the last attempt returns or raises")

    def batch_update(self, id: str, body: Mapping[str, Any] | None) -> Any:  # noqa: A002
        """Carry out requests, all or none.

        Args:
            id: the spreadsheet.
            body: BatchUpdateSpreadsheetRequest.

        Raises:
            SheetsWriteUncertainError: no clear answer came; they may have been carried out.
            SheetsError: they were refused, and nothing was changed.
        """
        reply = self.request(
            "post",
            f"{GOOGLE_SHEETS}/v4/spreadsheets/{id}:batchUpdate",
            data=compact_json(body),
            headers={"Content-Type": "application/json"},
        )
        told = _object(reply)
        if told is None or "spreadsheetId" not in told:
            raise SheetsWriteUncertainError(self._said_nothing())
        return told

    def page_url(self, spreadsheet_id: str) -> str:
        """Return the address at which people open a spreadsheet."""
        return page_url(self._endpoint, spreadsheet_id)

    def attempts(
        self, on: type[Exception] | tuple[type[Exception], ...] | Callable[[Exception], bool | float]
    ) -> Iterator[stamina.Attempt]:
        """Return the attempts at a piece of work, with the connection's number of repetitions and its waits.

        Args:
            on: what to repeat it on: exceptions, or what returns the seconds to wait for one.
        """
        return iter(
            stamina.retry_context(
                on=on,
                attempts=self.num_retries + 1,
                timeout=None,
                wait_initial=self.wait_initial,
                wait_max=60.0,
                wait_jitter=self.wait_initial,
            )
        )

    def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request, again where that is safe and useful.

        Reads are repeated on 429, 5xx and broken connections, writes only where it is certain that they were not
        carried out.

        Raises:
            SheetsAccessError: 401, 403, 404, or credentials that Google refuses.
            SheetsWriteUncertainError: a write was cut off or answered with 5xx: it may have been carried out.
            SheetsError: anything else, after the last try.
        """
        url = endpoint.replace(GOOGLE_SHEETS, self._endpoint, 1)
        for attempt in self.attempts(_seconds_to_wait):
            with attempt:
                return self._send(method, url, *args, **kwargs)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _send(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        is_write = method.lower() != "get"
        try:
            response: requests.Response = super().request(method, url, *args, **kwargs)
        except APIError as error:
            raise self._refusal(error, url, is_write=is_write) from None
        except requests.ConnectTimeout:
            raise SheetsUnavailableError(f"Google Sheets ({self._endpoint}) cannot be reached: time-out") from None
        except (requests.Timeout, requests.ConnectionError) as error:
            # Only the kind of error: its text can carry addresses with keys.
            said = f"the connection to Google Sheets ({self._endpoint}) broke: {type(error).__name__}"
            raise SheetsWriteUncertainError(said) if is_write else SheetsUnavailableError(said) from None
        except requests.RequestException as error:
            said = f"the answer of Google Sheets ({self._endpoint}) cannot be read: {type(error).__name__}"
            raise SheetsWriteUncertainError(said) if is_write else SheetsUnavailableError(said) from None
        except google.auth.exceptions.TransportError:
            raise SheetsUnavailableError("Google's token service cannot be reached") from None
        except (google.auth.exceptions.RefreshError, google.auth.exceptions.InvalidOperation) as error:
            if getattr(error, "retryable", False):
                raise SheetsUnavailableError("Google's token service is not available") from None
            raise SheetsAccessError(
                f"Google refused the credentials of the connection {self.conn_id} ({self.account}): {_reason(error)}. "
                "Check that the key has not been deleted and that this machine's clock is right"
            ) from None
        return response

    def _said_nothing(self) -> str:
        return (
            f"the answer of Google Sheets ({self._endpoint}) is not what it should be: a proxy may have answered, or "
            "it was cut short"
        )

    def _refusal(self, error: APIError, url: str, *, is_write: bool) -> SheetsError:
        """Say what an error answer means. Decided on the HTTP status: the body need not be Google's."""
        status = error.response.status_code
        said = f"{status} {_message(error)}"
        if status in {409, 429}:
            kind = SheetsQuotaError if status == 429 else SheetsUnavailableError
            return kind(f"Google Sheets: {said}", read_retry_after(error.response.headers.get("Retry-After")))
        if status == 408 or status >= 500:
            if is_write:
                return SheetsWriteUncertainError(f"Google Sheets: {said}")
            return SheetsUnavailableError(
                f"Google Sheets: {said}", read_retry_after(error.response.headers.get("Retry-After"))
            )
        if status in {401, 403, 404}:
            return SheetsAccessError(self._access_help(error, url, status))
        if "not supported for this document" in said:
            spreadsheet = _spreadsheet_of(url)
            return SheetsAccessError(
                f"{self.page_url(spreadsheet)} is an Excel file in Google Drive, which the Sheets API does not open: "
                "open it there, choose File > Save as Google Sheets, share the new file and give its id"
            )
        return SheetsRequestError(f"Google Sheets refused the request: {said}")

    def _access_help(self, error: APIError, url: str, status: int) -> str:
        spreadsheet = _spreadsheet_of(url)
        where = f"spreadsheet {spreadsheet} ({self.page_url(spreadsheet)})"
        details = str(error.error.get("details", ""))
        if "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in details or "insufficient authentication scopes" in _message(error):
            return (
                f"{where}: the credentials of {self.account} lack the scope for Google Sheets. Leave the extra "
                f"scope of the connection {self.conn_id} empty, or, on a machine of Google's, use impersonation_chain"
            )
        if "SERVICE_DISABLED" in details:
            return (
                f"the Google Sheets API is not enabled in the project of {self.account}: enable it. "
                f"Google says: {_message(error)}"
            )
        if status == 404:
            return (
                f"{where} does not exist. Check spreadsheet_id, under workbook in kpis.yaml or in the connection "
                f"{self.conn_id}: it is the part of the address between /d/ and /edit"
            )
        if status == 401:
            return f"{where}: Google does not accept the credentials of the connection {self.conn_id} ({self.account})"
        return (
            f"{where}: {self.account} may not open or edit it. In Google Sheets, click Share, add {self.account} and "
            f"share it as Editor. Google says: {_message(error)}"
        )


def _object(response: requests.Response) -> dict[str, Any] | None:
    """Return the JSON object of a reply; None where it is none, or nested deeper than Python can follow."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _has_sheets(body: Mapping[str, Any]) -> bool:
    sheets = body.get("sheets")
    return isinstance(sheets, list) and all(isinstance(one, dict) and "properties" in one for one in sheets)


def _spreadsheet_of(url: str) -> str:
    return url.split("/spreadsheets/")[-1].split(":")[0].split("?")[0].split("/")[0]


def _seconds_to_wait(error: Exception) -> bool | float:
    """What to do about an error: the seconds that the server asked for, or whether to try again at all."""
    if not isinstance(error, SheetsUnavailableError):
        return False
    return True if error.retry_after is None else min(error.retry_after, LONGEST_WAIT)


def _message(error: APIError) -> str:
    text = str(error.error.get("message", "")) if error.code != -1 else "(no answer of the API itself)"
    return text[:500]


def _reason(error: Exception) -> str:
    """Return the short reason of a refused token, without what else the exception carries."""
    return str(error.args[0])[:200] if error.args else type(error).__name__
