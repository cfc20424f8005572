"""Users, organisation, statuses, pipelines, custom fields, outcomes, custom activity types.

Source: developer.close.com, the page of each resource; recorded replies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.close_api import errors

if TYPE_CHECKING:
    from sandbox.close_api.calls import Call
    from sandbox.close_api.collection import Row
    from sandbox.close_api.context import Context

FIELD_KINDS = frozenset({"lead", "contact", "opportunity", "activity", "shared", "custom_object_type"})
_USER_ORDERS = {
    "first_name,last_name": ("first_name", "last_name"),
    "last_name,first_name": ("last_name", "first_name"),
}
_ROLES = {"admin": "Admin", "superuser": "Super User", "user": "User", "restricteduser": "Restricted User"}
_NO_DATE = "0001-01-01T00:00:00"
_MEMBER_FIELDS = ("email", "full_name", "first_name", "last_name", "image", "last_used_timezone")


def me(context: Context, call: Call) -> Row:
    """The key's user with their organisations and memberships."""
    user = _key_user(context, call.user)
    shown = context.renderer.user(user)
    shown["organizations"] = [_organization(context)]
    shown["memberships"] = [_membership(context, user)]
    shown["email_accounts"] = []
    shown["phone_numbers"] = []
    return context.one(call, shown)


def organization(context: Context, call: Call, org_id: str) -> Row:
    """The organisation with its memberships, active and inactive, statuses and pipelines."""
    if org_id != context.account.organization["id"]:
        raise errors.unknown_object("Organization")
    shown = _organization(context)
    for name in call.values("_expand") or ():
        members, _, what = name.partition("__")
        if what == "user" and members in {"memberships", "inactive_memberships"}:
            for member in shown[members]:
                user = context.account["users"].get(member["user_id"])
                member["user"] = None if user is None else context.renderer.user(user)
    return context.one(call, shown)


def users(context: Context, call: Call) -> Row:
    """Current members only: who has left is in the organisation's inactive memberships."""
    rows = [row for row in context.account["users"] if _is_active(row)]
    order = _USER_ORDERS.get(call.param("_order_by") or "")
    if order is not None:
        rows.sort(key=lambda row: tuple(str(row.get(field) or "") for field in order))
    return context.listing(call, "user", rows, context.renderer.user)


def user(context: Context, call: Call, user_id: str) -> Row:
    """One user, departed ones too."""
    return context.one(call, context.renderer.user(context.find("users", user_id, "User")))


def lead_statuses(context: Context, call: Call) -> Row:
    """Lead statuses in the organisation's order."""
    rows = list(context.account["lead_statuses"])
    return context.listing(call, "status", rows, context.renderer.lead_status)


def lead_status(context: Context, call: Call, status_id: str) -> Row:
    """One lead status."""
    return context.renderer.lead_status(context.find("lead_statuses", status_id, "LeadStatus"))


def opportunity_statuses(context: Context, call: Call) -> Row:
    """Opportunity statuses of all pipelines in one list."""
    rows = list(context.account.statuses.values())
    return context.listing(call, "status", rows, context.renderer.opportunity_status)


def opportunity_status(context: Context, call: Call, status_id: str) -> Row:
    """One opportunity status."""
    row = context.account.statuses.get(status_id)
    if row is None:
        raise errors.unknown_object("OpportunityStatus")
    return context.renderer.opportunity_status(row)


def pipelines(context: Context, call: Call) -> Row:
    """All pipelines; the reply has no ``has_more``."""
    return {"data": [context.renderer.pipeline(row) for row in context.account["pipelines"]]}


def pipeline(context: Context, call: Call, pipeline_id: str) -> Row:
    """One pipeline."""
    return context.renderer.pipeline(context.find("pipelines", pipeline_id, "Pipeline"))


def custom_fields(context: Context, call: Call, kind: str) -> Row:
    """The custom fields of one kind of object; shared ones are only under ``shared``."""
    if kind not in FIELD_KINDS:
        raise errors.unknown_url()
    rows = [row for row in context.account["custom_fields"] if _kind(row) == kind]
    return context.listing(call, "custom_field", rows, context.renderer.custom_field)


def custom_field(context: Context, call: Call, kind: str, field_id: str) -> Row:
    """One custom field."""
    row = context.account["custom_fields"].get(field_id)
    if row is None or _kind(row) != kind:
        raise errors.unknown_object(f"{kind.title()}CustomField")
    return context.one(call, context.renderer.custom_field(row))


def custom_field_schema(context: Context, call: Call, kind: str) -> Row:
    """All fields of a kind of object, the shared ones among them.

    Args:
        context: the sandbox.
        call: the request.
        kind: lead, contact, opportunity, or ``activity/<custom activity type>``.
    """
    name, _, type_id = kind.partition("/")
    if name not in FIELD_KINDS - {"shared"} or bool(type_id) != (name == "activity"):
        raise errors.unknown_url()
    if type_id:
        context.find("custom_activity_types", type_id, "CustomActivityType")
    rows = [
        row
        for row in context.account["custom_fields"]
        if (_kind(row) == name and (not type_id or row.get("custom_activity_type_id") == type_id))
        or (_kind(row) == "shared" and _is_associated(row, name, type_id))
    ]
    return {
        "name": name,
        "object_type": name,
        "organization_id": context.account.organization["id"],
        "fields": [context.renderer.custom_field(row) for row in rows],
    }


def outcomes(context: Context, call: Call) -> Row:
    """Outcomes of calls and meetings."""
    return context.listing(call, "outcome", list(context.account["outcomes"]), context.renderer.outcome)


def outcome(context: Context, call: Call, outcome_id: str) -> Row:
    """One outcome."""
    return context.one(call, context.renderer.outcome(context.find("outcomes", outcome_id, "Outcome")))


def custom_activity_types(context: Context, call: Call) -> Row:
    """Custom activity types with their fields."""
    rows = list(context.account["custom_activity_types"])
    return context.listing(call, "custom_activity", rows, context.renderer.custom_activity_type)


def custom_activity_type(context: Context, call: Call, type_id: str) -> Row:
    """One custom activity type."""
    row = context.find("custom_activity_types", type_id, "CustomActivityType")
    return context.one(call, context.renderer.custom_activity_type(row))


def roles(context: Context, call: Call) -> Row:
    """The built-in roles, whose dates are those of the year 1. Source: recorded replies."""
    organization_id = context.account.organization["id"]
    dates = {"date_created": _NO_DATE, "date_updated": _NO_DATE}
    rows = [
        {"id": role_id, "name": name, "organization_id": organization_id, "editable": False, **dates}
        for role_id, name in _ROLES.items()
    ]
    return context.listing(call, "role", rows, dict)


def _organization(context: Context) -> Row:
    renderer, account = context.renderer, context.account
    row = account.organization
    shown: dict[str, Any] = {
        "name": "",
        "date_created": None,
        "date_updated": None,
        **row,
        "currency": renderer.currency,
        "lead_statuses": [{"id": status["id"], "label": status.get("label")} for status in account["lead_statuses"]],
        "opportunity_statuses": [
            {"id": status["id"], "label": status.get("label"), "type": status.get("type")}
            for status in account.statuses.values()
        ],
        "pipelines": [renderer.pipeline(pipeline) for pipeline in account["pipelines"]],
    }
    members = list(account["users"])
    shown["memberships"] = [_membership(context, member) for member in members if _is_active(member)]
    shown["inactive_memberships"] = [_membership(context, member) for member in members if not _is_active(member)]
    return shown


def _membership(context: Context, user: Row) -> Row:
    is_restricted = user["id"] in context.config.restricted_keys.values()
    known = {**user, "full_name": context.renderer.user_name(user["id"])}
    return {
        "id": "memb_" + user["id"].removeprefix("user_"),
        "user_id": user["id"],
        "organization_id": context.account.organization["id"],
        "role_id": "restricteduser" if is_restricted else "admin",
        **{f"user_{field}": known.get(field) for field in _MEMBER_FIELDS},
    }


def _key_user(context: Context, user_id: str | None) -> Row:
    if user_id is not None and (user := context.account["users"].get(user_id)):
        return user
    members = [row for row in context.account["users"] if row["id"] not in context.config.restricted_keys.values()]
    chosen = next((member for member in members if _is_active(member)), None)
    return chosen or next(iter(members), {"id": "user_sandbox", "first_name": "Sandbox", "last_name": "User"})


def _is_active(user: Row) -> bool:
    return user.get("is_active") is not False


def _kind(field: Row) -> str:
    return "shared" if field.get("is_shared") else str(field.get("object_type") or "lead")


def _is_associated(field: Row, name: str, type_id: str) -> bool:
    """Say whether a shared field belongs to a kind of object; to every kind where the row is silent."""
    if "associations" not in field:
        return True
    wanted = "custom_activity_type" if name == "activity" else name
    return any(
        association.get("object_type") == wanted
        and (not type_id or association.get("custom_activity_type_id") == type_id)
        for association in field["associations"]
    )
