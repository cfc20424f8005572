"""The connection: which extras are read, which are refused, and what the hook makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest

from close_kpis.workbook.google.credentials import SHEETS_SCOPE, account_name, credentials, read_extras
from close_kpis.workbook.google.errors import SheetsConfigError
from close_kpis.workbook.google.hook import GoogleSheetsHook

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.sheets_api import SheetsSandbox


def test_an_empty_connection_means_the_spreadsheets_scope_and_five_retries() -> None:
    extras = read_extras({}, "google")
    assert (extras.scopes, extras.num_retries, extras.api_endpoint) == (
        (SHEETS_SCOPE,),
        5,
        "https://sheets.googleapis.com",
    )


def test_extras_are_read_under_the_old_prefix_too() -> None:
    extras = read_extras(
        {
            "extra__google_cloud_platform__key_path": "/key.json",
            "extra__google_cloud_platform__scope": "a, b",
            "num_retries": "3",
            "keyfile_dict": "",
        },
        "google",
    )
    assert (extras.key_path, extras.scopes, extras.num_retries) == ("/key.json", ("a", "b"), 3)


def test_no_retries_are_no_retries() -> None:
    assert read_extras({"num_retries": 0}, "google").num_retries == 0


def test_the_last_of_an_impersonation_chain_is_acted_as(sheets_sandbox: SheetsSandbox) -> None:
    info = sheets_sandbox.service_account_info()
    extras = read_extras({"keyfile_dict": json.dumps(info), "impersonation_chain": "a@x.iam, b@x.iam"}, "google")
    acting = credentials(extras, "google")
    assert account_name(acting, "google") == "b@x.iam"
    assert acting._delegates == ["a@x.iam"]


@pytest.mark.parametrize("name", ["key_secret_name", "idp_issuer_url", "extra__google_cloud_platform__client_id"])
def test_a_key_source_that_is_not_supported_is_refused(name: str) -> None:
    with pytest.raises(SheetsConfigError, match=r"is not supported\. Use one of keyfile_dict"):
        read_extras({name: "x"}, "google")


def test_two_key_sources_are_refused() -> None:
    with pytest.raises(SheetsConfigError, match="keyfile_dict and key_path are both set"):
        read_extras({"keyfile_dict": "{}", "key_path": "/key.json"}, "google")


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (
            {"keyfile_dict": "-----BEGIN PRIVATE KEY----- s3cret"},  # pragma: allowlist secret
            "keyfile_dict cannot be read|keyfile_dict is not JSON",
        ),
        (
            {"keyfile_dict": '{"type": "service_account", "private_key": "s3cret"}'},  # pragma: allowlist secret
            "not a complete service_account key",
        ),
        ({"keyfile_dict": '{"type": "gdch_service_account"}'}, "supported are service_account"),
        ({"key_path": "/nowhere/key.json"}, "the file of key_path cannot be read: No such file"),
        ({"num_retries": "many"}, "num_retries is not a whole number"),
    ],
)
def test_a_key_that_cannot_be_used_is_named_without_its_content(extra: dict[str, Any], message: str) -> None:
    with pytest.raises(SheetsConfigError, match=message) as error:
        credentials(read_extras(extra, "google"), "google")
    assert "s3cret" not in str(error.value)


def test_a_key_file_of_another_user_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """As root, who runs the tests in a container, may read every file."""
    monkeypatch.setattr(Path, "read_bytes", Mock(side_effect=PermissionError(13, "Permission denied")))
    with pytest.raises(SheetsConfigError, match=r"cannot be read by the user .*: run chmod 644 .*secrets/google-key"):
        credentials(read_extras({"key_path": "/run/secrets/google_key"}, "google"), "google")


def test_a_key_file_is_read_from_its_path(sheets_sandbox: SheetsSandbox, tmp_path: Path) -> None:
    info = sheets_sandbox.service_account_info()
    (tmp_path / "key.json").write_text(json.dumps(info), encoding="utf-8")
    made = credentials(read_extras({"key_path": str(tmp_path / "key.json")}, "google"), "google")
    assert account_name(made, "google") == info["client_email"]


def test_the_hook_opens_the_connections_spreadsheet(
    sheets_sandbox: SheetsSandbox, set_connection: Callable[..., None]
) -> None:
    book = sheets_sandbox.create_spreadsheet("Close KPIs")
    extra = {
        "keyfile_dict": json.dumps(sheets_sandbox.service_account_info()),
        "api_endpoint": sheets_sandbox.url,
        "spreadsheet_id": book,
    }
    set_connection("google_sheets_default", conn_type="google_cloud_platform", extra=extra)
    hook = GoogleSheetsHook()
    assert hook.spreadsheet_id(None) == book
    assert hook.spreadsheet_id("configured") == "configured"
    ok, said = hook.test_connection()
    assert ok, said
    assert said.startswith("Opened 'Close KPIs' as ")


def test_a_connection_without_a_spreadsheet_says_what_to_do(set_connection: Callable[..., None]) -> None:
    set_connection("google_sheets_default", conn_type="google_cloud_platform", extra={"is_anonymous": True})
    with pytest.raises(SheetsConfigError, match="share it with the service account as Editor"):
        GoogleSheetsHook().spreadsheet_id(None)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00hush", b"[" * 100_000, b'["hush"]', b"hush", b""])
def test_a_key_file_that_is_none_is_told_without_what_it_holds(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key.json"
    file.write_bytes(content)
    with pytest.raises(SheetsConfigError, match="connection google: key_path is not JSON; paste the key") as raised:
        credentials(read_extras({"key_path": str(file)}, "google"), "google")
    assert "hush" not in repr(raised.value)
    assert raised.value.__cause__ is None
