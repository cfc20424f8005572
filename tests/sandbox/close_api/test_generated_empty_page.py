"""A page of a generated account that holds nothing."""

from __future__ import annotations

from sandbox.close_api import CloseSandbox, Generated
from tests.sandbox.close_api.small_account import client_of


def test_page_without_rows_is_empty_whatever_fields_are_asked_for() -> None:
    with CloseSandbox(Generated(leads=20, activities=40, opportunities=5), rate=0) as sandbox:
        asked = {"_fields": "id,old_status_id", "date_created__lt": "2000-01-01T00:00:00Z"}
        with client_of(sandbox) as client:
            reply = client.get("/activity/status_change/lead/", params=asked)
    assert (reply.status_code, reply.json()) == (200, {"data": [], "has_more": False})
