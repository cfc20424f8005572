"""Who may call the API."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import google.auth.exceptions
import gspread
import pytest
from google.auth import crypt, jwt

from sandbox.sheets_api.auth import GRANT
from tests.sandbox.sheets_api.support import SCOPES, Credentials, gspread_client, http

if TYPE_CHECKING:
    from sandbox.sheets_api import SheetsSandbox


def test_gspread_with_the_service_account_key_opens_a_shared_spreadsheet(sandbox: SheetsSandbox) -> None:
    key = sandbox.create_spreadsheet("Close KPIs")
    assert gspread_client(sandbox).open_by_key(key).title == "Close KPIs"
    assert [item.path for item in sandbox.requests] == ["/token", f"/v4/spreadsheets/{key}"]


def test_a_call_without_a_token_gets_googles_401(sandbox: SheetsSandbox) -> None:
    key = sandbox.create_spreadsheet("Close KPIs")
    answer = http.get(f"{sandbox.url}/v4/spreadsheets/{key}")
    assert answer.status_code == 401
    error = answer.json()["error"]
    assert error["status"] == "UNAUTHENTICATED"
    assert error["message"].startswith("Request is missing required authentication credential.")
    assert error["details"][0]["reason"] == "CREDENTIALS_MISSING"


def test_a_token_nobody_handed_out_gets_401(sandbox: SheetsSandbox) -> None:
    key = sandbox.create_spreadsheet("Close KPIs")
    answer = http.get(f"{sandbox.url}/v4/spreadsheets/{key}", headers={"authorization": "Bearer made-up"})
    assert answer.status_code == 401
    assert answer.json()["error"]["message"].startswith("Request had invalid authentication credentials.")


def test_a_client_whose_token_was_revoked_fetches_a_new_one(sandbox: SheetsSandbox) -> None:
    spreadsheet = gspread_client(sandbox).open_by_key(sandbox.create_spreadsheet("Close KPIs"))
    sandbox.auth.revoke_all()
    sandbox.requests.clear()
    assert spreadsheet.fetch_sheet_metadata()["properties"]["title"] == "Close KPIs"
    assert [item.status for item in sandbox.requests] == [401, 200, 200]


def test_a_key_that_is_not_this_accounts_is_refused(
    sandbox: SheetsSandbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from sandbox.sheets_api.auth import Auth

    stranger = Auth(tmp_path_factory.mktemp("stranger")).service_account_info(sandbox.url)
    credentials = Credentials.from_service_account_info(stranger, scopes=SCOPES)
    client = gspread.Client(auth=credentials)
    with pytest.raises(google.auth.exceptions.RefreshError, match="Invalid JWT Signature"):
        client.http_client.session.get(f"{sandbox.url}/v4/spreadsheets/x")


def test_an_expired_assertion_is_refused(sandbox: SheetsSandbox) -> None:
    info = sandbox.service_account_info()
    signer = crypt.RSASigner.from_service_account_info(info)
    old = int(time.time()) - 7200
    claims = {"iss": info["client_email"], "scope": SCOPES[0], "iat": old, "exp": old + 3600, "aud": info["token_uri"]}
    form = {"grant_type": GRANT, "assertion": jwt.encode(signer, claims).decode()}
    answer = http.post(f"{sandbox.url}/token", data=form)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"


def test_the_cloud_platform_scope_is_not_enough(sandbox: SheetsSandbox) -> None:
    client = gspread_client(sandbox, ["https://www.googleapis.com/auth/cloud-platform"])
    with pytest.raises(PermissionError) as caught:
        client.open_by_key(sandbox.create_spreadsheet("Close KPIs"))
    assert "insufficient authentication scopes" in str(caught.value.__cause__)


def test_a_read_only_scope_reads_and_does_not_write(sandbox: SheetsSandbox) -> None:
    client = gspread_client(sandbox, ["https://www.googleapis.com/auth/spreadsheets.readonly"])
    spreadsheet = client.open_by_key(sandbox.create_spreadsheet("Close KPIs"))
    with pytest.raises(gspread.exceptions.APIError) as caught:
        spreadsheet.sheet1.update([[1]], "A1")
    assert caught.value.response.status_code == 403


def test_a_spreadsheet_that_is_not_shared_is_forbidden_and_a_missing_one_not_found(sandbox: SheetsSandbox) -> None:
    client = gspread_client(sandbox)
    with pytest.raises(PermissionError):
        client.open_by_key(sandbox.create_spreadsheet("Private", shared=False))
    with pytest.raises(gspread.exceptions.SpreadsheetNotFound):
        client.open_by_key("missing")


def test_the_key_file_in_the_state_folder_is_private(sandbox: SheetsSandbox) -> None:
    path = sandbox.folder / "service-account.json"
    assert path.stat().st_mode & 0o077 == 0
