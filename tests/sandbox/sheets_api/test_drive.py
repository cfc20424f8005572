"""The Drive API around spreadsheets: how they are found, shared, copied, filled from a file, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.sheets_api import SheetsSandbox
from sandbox.sheets_api.auth import EMAIL
from tests.sandbox.sheets_api.support import gspread_client, http

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

KIND = "application/vnd.google-apps.spreadsheet"


@pytest.fixture
def google(tmp_path: Path) -> Iterator[SheetsSandbox]:
    with SheetsSandbox(tmp_path / "state", anonymous=True) as running:
        yield running


def files(google: SheetsSandbox, **query: Any) -> httpx.Response:
    return http.get(f"{google.url}/drive/v3/files", params=query)


def names(google: SheetsSandbox, **query: Any) -> list[str]:
    answer = files(google, **query)
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["files"]]


def permissions(google: SheetsSandbox, book: str, path: str = "") -> str:
    return f"{google.url}/drive/v3/files/{book}/permissions{path}"


def reason(answer: httpx.Response) -> tuple[int, str]:
    error = answer.json()["error"]
    assert error["code"] == answer.status_code
    return answer.status_code, error["errors"][0]["reason"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["KPIs 'of' June", "Board KPIs", "Board"]),
        (f"mimeType = '{KIND}'", ["KPIs 'of' June", "Board KPIs", "Board"]),
        (f'mimeType="{KIND}" and name = "Board"', ["Board"]),
        ("name = 'KPIs \\'of\\' June'", ["KPIs 'of' June"]),
        ("name contains 'kpi' and trashed = false", ["KPIs 'of' June", "Board KPIs"]),
        ("name contains 'oard'", []),
        ("name = 'a' and name = 'b'", []),
        ("trashed = true", []),
        ("mimeType != 'application/vnd.google-apps.folder'", ["KPIs 'of' June", "Board KPIs", "Board"]),
        ("'root' in parents and name contains 'Board'", ["Board KPIs", "Board"]),
        ("'another' in parents", []),
    ],
)
def test_files_are_found_by_search_terms(google: SheetsSandbox, query: str, found: list[str]) -> None:
    for title in ("Board", "Board KPIs", "KPIs 'of' June"):
        google.create_spreadsheet(title)
    google.create_spreadsheet("Board of others", shared=False)
    assert sorted(names(google, q=query)) == sorted(found)


@pytest.mark.parametrize("query", ["name", "name = Board", "name = 'x' or name = 'y'", "size > 3", "name = 'x' and"])
def test_terms_that_are_not_read_are_refused(google: SheetsSandbox, query: str) -> None:
    assert reason(files(google, q=query)) == (400, "invalid")


def test_a_list_is_sorted_masked_and_given_in_pages(google: SheetsSandbox) -> None:
    for title in ("c", "a", "b"):
        google.create_spreadsheet(title)
    assert names(google, orderBy="name") == ["a", "b", "c"]
    assert names(google, orderBy="name desc") == ["c", "b", "a"]
    first = files(google, orderBy="name", pageSize=2, fields="nextPageToken, files(name, parents)").json()
    assert first["files"] == [{"name": "a", "parents": ["root"]}, {"name": "b", "parents": ["root"]}]
    last = files(google, orderBy="name", pageSize=2, pageToken=first["nextPageToken"]).json()
    assert ([one["name"] for one in last["files"]], "nextPageToken" in last) == (["c"], False)
    for wrong in ({"orderBy": "size"}, {"pageSize": "many"}, {"pageToken": "99"}):
        assert reason(files(google, **wrong)) == (400, "invalid")
    assert reason(files(google, fields="files(")) == (400, "invalidParameter")


def test_a_spreadsheet_is_shared_and_the_share_taken_back(google: SheetsSandbox) -> None:
    book = google.create_spreadsheet("Board")
    body = {"type": "user", "role": "reader", "emailAddress": "ann@example.com"}
    made = http.post(permissions(google, book), json=body, params={"fields": "*"}).json()
    assert (made["emailAddress"], made["role"]) == ("ann@example.com", "reader")
    # Who is given another role keeps one permission.
    again = http.post(permissions(google, book), json={**body, "role": "writer"}).json()
    assert again == {"kind": "drive#permission", "id": made["id"], "type": "user", "role": "writer"}
    anyone = http.post(permissions(google, book), json={"type": "anyone", "role": "reader"}).json()
    assert anyone["id"] == "anyoneWithLink"
    changed = http.patch(permissions(google, book, "/anyoneWithLink"), json={"role": "commenter"}).json()
    assert changed["role"] == "commenter"
    listed = http.get(permissions(google, book)).json()["permissions"]
    assert sorted(one["role"] for one in listed) == ["commenter", "owner", "writer"]
    assert http.delete(permissions(google, book, f"/{made['id']}")).status_code == 204
    assert reason(http.get(permissions(google, book, f"/{made['id']}"))) == (404, "notFound")
    assert files(google, fields="files(shared)").json() == {"files": [{"shared": True}]}


def test_what_a_permission_lacks_is_refused_and_the_owner_stays(google: SheetsSandbox) -> None:
    book = google.create_spreadsheet("Board")
    for body, why in (
        ({"role": "reader"}, "required"),
        ({"type": "user", "role": "reader"}, "required"),
        ({"type": "domain", "role": "reader"}, "required"),
        ({"type": "anyone", "role": "owner"}, "invalid"),
    ):
        assert reason(http.post(permissions(google, book), json=body)) == (400, why)
    [owner] = http.get(permissions(google, book), params={"fields": "*"}).json()["permissions"]
    assert owner["emailAddress"] == EMAIL
    assert reason(http.delete(permissions(google, book, f"/{owner['id']}"))) == (403, "forbidden")
    assert reason(http.patch(permissions(google, book, f"/{owner['id']}"), json={"role": "reader"})) == (
        403,
        "forbidden",
    )


def test_permissions_survive_a_restart_and_are_not_copied(tmp_path: Path) -> None:
    drive = ["https://www.googleapis.com/auth/drive"]
    with SheetsSandbox(tmp_path) as running:
        book = gspread_client(running, drive).create("Board")
        book.share("ann@example.com", perm_type="user", role="reader", notify=False)
    with SheetsSandbox(tmp_path) as running:
        client = gspread_client(running, drive)
        assert [one["role"] for one in client.open_by_key(book.id).list_permissions()] == ["reader", "owner"]
        copy = client.copy(book.id)
        assert [one["role"] for one in copy.list_permissions()] == ["owner"]
        assert client.open_by_key(book.id).remove_permissions("ann@example.com") != []


def test_a_csv_becomes_the_content_of_a_spreadsheet(google: SheetsSandbox) -> None:
    client = gspread_client(google)
    book = client.create("Deals")
    book.add_worksheet("Old", 3, 3)
    client.import_csv(book.id, b'rep,won,on\nAnn,"1,200",2026-01-31\n"a ""b""",=1+1,\n')
    [tab] = client.open_by_key(book.id).worksheets()
    assert (tab.title, tab.row_count, tab.col_count) == ("Deals", 1000, 26)
    assert tab.get_all_values() == [["rep", "won", "on"], ["Ann", "1,200", "2026-01-31"], ['a "b"', "2", ""]]
    assert tab.acell("B2", value_render_option="UNFORMATTED_VALUE").value == 1200


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbfa,b\n", "ä\r\n🙂\r\n".encode(), b"1\n" * 1200])
def test_any_csv_is_taken(google: SheetsSandbox, content: bytes) -> None:
    client = gspread_client(google)
    book = client.create("Deals")
    client.import_csv(book.id, content)
    values = client.open_by_key(book.id).sheet1.get_all_values()
    assert values in ([[]], [["a", "b"]], [["ä"], ["🙂"]], [["1"]] * 1200)


def test_what_this_drive_does_not_keep_is_refused(google: SheetsSandbox) -> None:
    book = google.create_spreadsheet("Board")
    base = f"{google.url}/drive/v3/files"
    folder = {"name": "F", "mimeType": "application/vnd.google-apps.folder"}
    assert reason(http.post(base, json=folder)) == (400, "badRequest")
    assert reason(http.patch(f"{base}/{book}", json={"trashed": True})) == (400, "badRequest")
    assert reason(http.patch(f"{base}/{book}", params={"addParents": "x"}, json={})) == (400, "badRequest")
    assert reason(http.get(f"{base}/nowhere")) == (404, "notFound")
    private = google.create_spreadsheet("Private", shared=False)
    assert reason(http.get(f"{base}/{private}")) == (403, "insufficientFilePermissions")
    upload = f"{google.url}/upload/drive/v2/files/{book}"
    assert reason(http.put(upload, content=b"a", headers={"Content-Type": "text/csv"})) == (400, "badRequest")
    assert http.patch(f"{base}/{book}/", json={"name": "New"}).json()["name"] == "New"


def test_drive_is_closed_without_a_token(sandbox: SheetsSandbox) -> None:
    book = sandbox.create_spreadsheet("Board")
    for method, path in (
        ("GET", "/drive/v3/files"),
        ("POST", f"/drive/v3/files/{book}/permissions"),
        ("PUT", f"/upload/drive/v2/files/{book}?uploadType=media"),
    ):
        assert http.request(method, f"{sandbox.url}{path}").status_code == 401
