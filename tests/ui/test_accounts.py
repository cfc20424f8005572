"""The page of several accounts: a list, and the page of each, which tells of nothing but that account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from close_kpis.accounts import Account
from tests.ui.test_page import Document, token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.kpis.small_account import SmallAccount

RECORDS = "records?report=growth&month=2026-05&kpi=total_customers"


@pytest.fixture
def site(
    api: TestClient,
    account: SmallAccount,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    set_connection: Callable[..., None],
) -> Iterator[TestClient]:
    """The pages of two accounts, for a user who may look; that of the second has no lake."""
    from close_kpis.ui.page.app import page

    del api
    extra = {"catalog": account.config.catalog, "data_path": account.config.data_path}
    set_connection("lake_emea", conn_type="ducklake", extra=extra)
    (tmp_path / "emea.yaml").write_text(account.settings_file().read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("CLOSE_KPIS_SETTINGS", str(tmp_path))
    with TestClient(page([Account("emea"), Account("us")]), raise_server_exceptions=False) as client:
        client.headers["authorization"] = f"Bearer {token('viewer')}"
        yield client


@pytest.mark.parametrize("path", ["/", "/page.css", "/emea/", f"/emea/{RECORDS}", "/us/", "/us/page.js"])
def test_anonymous_is_asked_to_log_in(site: TestClient, path: str) -> None:
    assert site.get(path, headers={"authorization": ""}).status_code == 401


def test_the_list_leads_to_each_account(site: TestClient) -> None:
    assert Document(site.get("/").text).links() == ["#content", "emea/", "us/"]
    assert site.get("/page.css").status_code == 200
    assert site.get("/records").status_code == 404
    assert site.get("/apac/").status_code == 404


def test_links_stay_with_the_account(site: TestClient) -> None:
    shown = site.get("/emea/")
    assert shown.status_code == 200, shown.text
    page = Document(shown.text)
    assert "emea" in page.texts
    assert "../../dags/emea_sheets_publish/runs/manual__2" in page.links()
    assert "../../dags/emea_close_sync/runs" in page.links()
    assert RECORDS in page.links()
    records = Document(site.get(f"/emea/{RECORDS}").text)
    assert {"../", "./"} <= set(records.links())
    assert any(text.endswith("total_customers --account emea") for text in records.texts)
    again = site.get("/emea/backfill?first=2026-02&last=2026-03").text
    assert "--dag-id emea_close_history" in again
    assert "../../dags/emea_close_history/backfills" in Document(again).links()


def test_an_account_without_a_lake_does_not_touch_the_others(site: TestClient) -> None:
    refused = site.get("/us/")
    assert refused.status_code == 503
    assert "has no connection lake_us" in refused.text
    assert site.get("/emea/").status_code == 200


def test_the_right_to_read_an_account_is_asked_for_that_account(
    site: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.api_fastapi.app import get_auth_manager

    def is_authorized(*, details: Any, **_: Any) -> bool:
        return not details.id.startswith("us_")

    monkeypatch.setattr(get_auth_manager(), "is_authorized_dag", is_authorized)
    assert site.get("/emea/").status_code == 200
    refused = site.get("/us/")
    assert refused.status_code == 403
    assert "us_close_sync, us_sales_kpis, us_sheets_publish" in refused.text
