"""The account's own small tables: organisation, users, statuses, pipelines, fields, outcomes, types."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from close_kpis.close.errors import CloseIncompleteError, CloseNotFoundError, CloseResponseError, CloseUnavailableError
from close_kpis.close.registry import STREAMS
from close_kpis.reporting import logger

if TYPE_CHECKING:
    from collections.abc import Iterable

    from close_kpis.close.client import CloseClient

log = logger(__name__)

Row = dict[str, Any]
FIELD_TYPES = ("lead", "contact", "opportunity", "activity", "shared")
"""Each list leaves out shared fields, which have a list of their own."""


@dataclass(frozen=True)
class Reference:
    """The account's own small tables.

    Attributes:
        rows: for each reference stream the rows of its raw table, in Close's order.
        partial: the streams of which the account's plan or the key's role hides a part.
    """

    rows: dict[str, list[Row]]
    partial: frozenset[str]


async def read_reference(client: CloseClient) -> Reference:
    """Return all rows of all reference streams, and warn of what the plan or the key's role does not offer."""
    hidden: set[str] = set()
    statuses, stages, pipelines, users, outcomes, types, *fields = await asyncio.gather(
        _all(client, "/status/lead/"),
        _all(client, "/status/opportunity/"),
        _all(client, "/pipeline/"),
        _all(client, "/user/"),
        _offered(client, "/outcome/", "outcomes", hidden),
        _offered(client, "/custom_activity/", "custom_activity_types", hidden),
        *(_offered(client, f"/custom_field/{kind}/", "custom_fields", hidden) for kind in FIELD_TYPES),
    )
    organization = await client.get(f"/organization/{await _organization_id(client, statuses)}/")
    former = [_former_member(member) for member in organization.get("inactive_memberships") or ()]
    objects = {
        "organization": [organization],
        "users": _one_each([*users, *(user for user in former if user["id"])]),
        "lead_statuses": _numbered(statuses),
        "pipelines": _numbered(pipelines),
        "opportunity_statuses": _numbered(stages, "pipeline_id"),
        "custom_fields": _one_each(
            {**field, "object_type": kind} for kind, found in zip(FIELD_TYPES, fields, strict=True) for field in found
        ),
        "outcomes": outcomes,
        "custom_activity_types": types,
    }
    rows = {name: [STREAMS[name].row(obj) for obj in found] for name, found in objects.items()}
    return Reference(rows, frozenset(hidden))


async def read_users(client: CloseClient, ids: Iterable[str]) -> tuple[list[Row], list[str]]:
    """Read users that the member lists lack: people who left long ago.

    Returns:
        The rows of those that Close knows, as inactive; and the ids of the others.
    """
    asked = sorted(ids)
    found = await asyncio.gather(*(_user(client, user_id) for user_id in asked))
    rows = [STREAMS["users"].row({**user, "is_active": False}) for user in found if user is not None]
    return rows, [user_id for user_id, user in zip(asked, found, strict=True) if user is None]


async def read_reader(client: CloseClient) -> tuple[str, str | None]:
    """Return the user that the API key belongs to, and their role in the organisation where Close tells it.

    Source: developer.close.com "Users" (``/me/``) and "Organizations" (``memberships``).
    """
    me = await client.get("/me/")
    if not me.get("id"):
        raise CloseResponseError("/me/: the reply names no user")
    members = me.get("memberships") or ()
    roles = [member.get("role_id") for member in members if member.get("user_id", me["id"]) == me["id"]]
    return str(me["id"]), next((str(role) for role in roles if role), None)


async def _user(client: CloseClient, user_id: str) -> Row | None:
    try:
        return await client.get(f"/user/{user_id}/")
    except (CloseNotFoundError, CloseUnavailableError):
        return None


async def _offered(client: CloseClient, path: str, stream: str, hidden: set[str]) -> list[Row]:
    """Return all rows of a list; none, with a warning, where it is not offered, and note its stream as hidden."""
    try:
        return await _all(client, path)
    except CloseUnavailableError as error:
        log.warning("%s stay as they are: %s", stream, error)
        hidden.add(stream)
        return []


async def _all(client: CloseClient, path: str) -> list[Row]:
    """Return all rows of a short list, each once; not every one says ``has_more``."""
    rows: list[Row] = []
    known: set[str] = set()
    read = 0
    while True:
        body = await client.get(path, {"_limit": 100, "_skip": read or None})
        page = body.get("data")
        if not isinstance(page, list) or not all(isinstance(row, dict) for row in page):
            raise CloseResponseError(f"{path}: the reply has no list of objects under `data`")
        new = [row for row in page if str(row.get("id")) not in known]
        rows += new
        if not page or not body.get("has_more", False):
            return rows
        if not new:
            raise CloseIncompleteError(
                f"{path}: the page from row {read} on brings the same rows again: the list has no end; run the task "
                "again"
            )
        known |= {str(row.get("id")) for row in page}
        read += len(page)


async def _organization_id(client: CloseClient, statuses: list[Row]) -> str:
    """Return the organisation of the API key: its statuses name it, else its user does."""
    for status in statuses:
        if status.get("organization_id"):
            return str(status["organization_id"])
    user = await client.get("/me/")
    for organization in user.get("organizations") or ():
        return str(organization["id"] if isinstance(organization, dict) else organization)
    raise CloseResponseError("/me/: the API key's user belongs to no organization")


def _former_member(member: Row) -> Row:
    return {
        "id": member.get("user_id"),
        "email": member.get("user_email"),
        "first_name": member.get("user_first_name"),
        "last_name": member.get("user_last_name"),
        "is_active": False,
    }


def _one_each(objects: Iterable[Row]) -> list[Row]:
    """Return the objects without repeated ids; the first one stands."""
    found: dict[str, Row] = {}
    for obj in objects:
        found.setdefault(obj["id"], obj)
    return list(found.values())


def _numbered(rows: list[Row], within: str | None = None) -> list[Row]:
    """Return the rows with their positions, from 0, in the list or among those with the same value of a field."""
    counts: Counter[object] = Counter()
    numbered = []
    for row in rows:
        group = row.get(within) if within else None
        numbered.append({**row, "position": counts[group]})
        counts[group] += 1
    return numbered
