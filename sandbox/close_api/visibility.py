"""What a key of a restricted user sees: fewer rows, and no error that says so.

Source: developer.close.com "Roles": a role can be limited to the leads a user is assigned to. Here that
is: rows that the user owns, is assigned to or made, and leads that have such a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.close_api.account import Account
    from sandbox.close_api.collection import Row

LIMITED = frozenset({"leads", "contacts", "opportunities", "activities", "tasks"})
_OWNERS = ("user_id", "assigned_to", "created_by")


def visible(account: Account, resource: str, ids: Sequence[str], user: str | None) -> Sequence[str]:
    """Return those of some ids whose rows a user sees; all for None."""
    if user is None or resource not in LIMITED:
        return ids
    return [row_id for row_id, row in account[resource].scan(ids) if sees(account, resource, row, user)]


def sees(account: Account, resource: str, row: Row, user: str | None) -> bool:
    """Say whether a user sees a row."""
    if user is None or resource not in LIMITED or _is_own(row, user):
        return True
    lead_id = row["id"] if resource == "leads" else row.get("lead_id")
    if resource not in {"leads", "contacts"} or lead_id is None:
        return False
    others = ("opportunities", "activities", "tasks")
    return any(_is_own(other, user) for name in others for other in account[name].of_lead(lead_id))


def _is_own(row: Row, user: str) -> bool:
    return any(row.get(name) == user for name in _OWNERS)
