"""Who may open a spreadsheet: permissions.list, get, create, update and delete.

They are kept and told, and nobody is kept out by them: the sandbox has one account, which owns every spreadsheet.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.auth import EMAIL
from sandbox.sheets_api.drive.errors import DriveError
from sandbox.sheets_api.drive.resource import masked

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Book
    from sandbox.sheets_api.store import Store

Permission = dict[str, Any]
ROLES = ("commenter", "reader", "writer")
TYPES = {"user": "emailAddress", "group": "emailAddress", "domain": "domain", "anyone": None}
"""Kinds of grantees and the field that names one."""
USUAL = "kind,id,type,role"


def listed(store: Store, book_id: str, fields: str) -> dict[str, Any]:
    """permissions.list."""
    found = {"kind": "drive#permissionList", "permissions": _all(store.get(book_id))}
    return masked(found, fields or f"kind,permissions({USUAL})")


def get(store: Store, book_id: str, permission_id: str, fields: str) -> Permission:
    """permissions.get."""
    return masked(_find(_all(store.get(book_id)), permission_id), fields or USUAL)


def create(store: Store, book_id: str, body: dict[str, Any], fields: str) -> Permission:
    """permissions.create; whoever has a permission already gets the role that is asked for."""
    kind, role = body.get("type"), body.get("role")
    if kind not in TYPES:
        raise DriveError(400, "The permission type field is required.", "required")
    if role not in ROLES:
        raise DriveError(400, f"The sandbox gives the roles {', '.join(ROLES)}, not {role!r}.", "invalid")
    named = TYPES[kind]
    if named and not body.get(named):
        raise DriveError(400, f"The {named} field is required for permissions of type {kind}.", "required")
    grantee = body[named] if named else ""
    made = {"kind": "drive#permission", "id": _id(kind, grantee), "type": kind, "role": role, "deleted": False}
    if named:
        made |= {named: grantee, "displayName": grantee.partition("@")[0] or grantee}
    if kind in {"domain", "anyone"}:
        made["allowFileDiscovery"] = bool(body.get("allowFileDiscovery"))

    def edit(book: Book) -> None:
        book.permissions = [one for one in book.permissions if one["id"] != made["id"]] + [made]

    store.change(book_id, edit)
    return masked(made, fields or USUAL)


def update(store: Store, book_id: str, permission_id: str, body: dict[str, Any], fields: str) -> Permission:
    """permissions.update of the role."""
    role = body.get("role")
    if role not in ROLES:
        raise DriveError(400, f"The sandbox gives the roles {', '.join(ROLES)}, not {role!r}.", "invalid")
    _refuse_owner(permission_id, "The owner's role cannot be changed.")

    def edit(book: Book) -> Permission:
        changed = {**_find(book.permissions, permission_id), "role": role}
        book.permissions = [changed if one["id"] == permission_id else one for one in book.permissions]
        return changed

    return masked(store.change(book_id, edit), fields or USUAL)


def delete(store: Store, book_id: str, permission_id: str) -> None:
    """permissions.delete."""
    _refuse_owner(permission_id, "The owner of a file cannot be removed.")

    def edit(book: Book) -> None:
        book.permissions.remove(_find(book.permissions, permission_id))

    store.change(book_id, edit)


def _id(kind: str, grantee: str) -> str:
    if kind == "anyone":
        return "anyoneWithLink"
    drawn = int.from_bytes(hashlib.sha256(f"{kind}:{grantee.lower()}".encode()).digest()[:8])
    return f"{drawn:020d}"


OWNER: Permission = {
    "kind": "drive#permission",
    "id": _id("user", EMAIL),
    "type": "user",
    "role": "owner",
    "emailAddress": EMAIL,
    "displayName": EMAIL.partition("@")[0],
    "deleted": False,
}


def _all(book: Book) -> list[Permission]:
    return [*book.permissions, OWNER]


def _find(permissions: list[Permission], permission_id: str) -> Permission:
    for one in permissions:
        if one["id"] == permission_id:
            return one
    raise DriveError(404, f"Permission not found: {permission_id}.")


def _refuse_owner(permission_id: str, text: str) -> None:
    if permission_id == OWNER["id"]:
        raise DriveError(403, text, "forbidden")
