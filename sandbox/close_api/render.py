"""A stored row as the API shows it: defaults filled, names and money resolved at the time of reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.close_api import activity_shapes, money, shapes, times

if TYPE_CHECKING:
    from sandbox.close_api.account import Account
    from sandbox.close_api.collection import Row

DEFAULT_CURRENCY = "USD"
_NAMED_USERS = (
    ("user_id", "user_name"),
    ("created_by", "created_by_name"),
    ("updated_by", "updated_by_name"),
)


class Renderer:
    """Renders rows of one account.

    Names beside ids (``user_name``, ``lead_name``, ``status_label``) are those of now, so a rename
    shows on old rows; an id that is unknown keeps the name stored with the row.
    """

    def __init__(self, account: Account) -> None:
        self._account = account

    @property
    def currency(self) -> str:
        """The organisation's one currency."""
        given = self._account.organization.get("currency")
        if given:
            return str(given)
        first = next(iter(self._account["opportunities"]), {})
        return str(first.get("value_currency") or DEFAULT_CURRENCY)

    def shown(self, resource: str, row: Row, *, nested: bool = False) -> Row:
        """Return a row of any resource; a lead with what is nested in it only if asked."""
        match resource:
            case "leads":
                return self.lead(row, nested=nested)
            case "contacts":
                return self.contact(row)
            case "opportunities":
                return self.opportunity(row)
            case "activities":
                return self.activity(row)
            case "tasks":
                return self.task(row)
            case "users":
                return self.user(row)
            case _:
                return dict(row)

    def lead(self, row: Row, *, nested: bool = True) -> Row:
        """Return a lead; with ``nested`` its contacts, opportunities and open tasks in it."""
        shown = self._based_on(shapes.LEAD, row)
        status = self._account["lead_statuses"].get(shown["status_id"])
        if status is not None:
            shown["status_label"] = status.get("label")
        contacts = self._account["contacts"].of_lead(row["id"])
        shown["display_name"] = self._lead_name(row, contacts)
        shown["contact_ids"] = [contact["id"] for contact in contacts]
        shown.setdefault("html_url", f"https://app.close.com/lead/{row['id']}/")
        self._name_users(shown)
        if nested:
            opportunities = self._account["opportunities"].of_lead(row["id"])
            tasks = self._account["tasks"].of_lead(row["id"])
            shown["contacts"] = [self.contact(contact) for contact in contacts]
            shown["opportunities"] = [self.opportunity(opportunity) for opportunity in opportunities]
            shown["tasks"] = [self.task(task) for task in tasks if not task.get("is_complete")]
        return shown

    def contact(self, row: Row) -> Row:
        """Return a contact, which has no names beside its users."""
        shown = self._based_on(shapes.CONTACT, row)
        shown["display_name"] = shown["display_name"] or shown["name"] or ""
        shown["emails"] = [{"is_unsubscribed": False, **email} for email in shown["emails"] or ()]
        return shown

    def opportunity(self, row: Row) -> Row:
        """Return an opportunity with its derived money."""
        shown = self._based_on(shapes.OPPORTUNITY, row)
        status = self._account.statuses.get(shown["status_id"])
        if status is not None:
            shown["status_label"] = status.get("label")
            shown["status_type"] = status.get("type")
            shown["pipeline_id"] = status["pipeline_id"]
            shown["pipeline_name"] = status["pipeline_name"]
        shown["status_display_name"] = shown["status_label"]
        shown["value_currency"] = row.get("value_currency") or self.currency
        shown |= money.derived(shown["value"], shown["value_period"], shown["confidence"], shown["value_currency"])
        self._name_users(shown)
        self._name_lead(shown)
        self._name_contact(shown)
        return shown

    def activity(self, row: Row) -> Row:
        """Return an activity of any type."""
        shown = self._based_on(activity_shapes.ACTIVITY, row, activity_shapes.ACTIVITIES.get(row.get("_type", ""), {}))
        self._name_users(shown)
        match row.get("_type"):
            case "LeadStatusChange":
                self._label_lead_statuses(shown)
            case "OpportunityStatusChange":
                self._label_opportunity_statuses(shown)
            case "TaskCompleted":
                shown["task_assigned_to_name"] = self.user_name(shown["task_assigned_to"]) or row.get(
                    "task_assigned_to_name"
                )
        return shown

    def task(self, row: Row) -> Row:
        """Return a task."""
        shown = self._based_on(shapes.TASK, row)
        if shown["_type"] == "lead":
            shown.setdefault("due_date", shown["date"])
        shown["assigned_to_name"] = self.user_name(shown["assigned_to"]) or row.get("assigned_to_name")
        self._name_users(shown)
        shown.pop("user_name", None)
        self._name_lead(shown)
        self._name_contact(shown)
        return shown

    def user(self, row: Row) -> Row:
        """Return a user; whether they have left is not told."""
        shown = self._based_on(shapes.USER, row)
        shown.pop("is_active", None)
        shown["organizations"] = row.get("organizations") or [self._account.organization["id"]]
        shown.pop("organization_id", None)
        return shown

    def custom_field(self, row: Row) -> Row:
        """Return a custom field."""
        shown = self._based_on(shapes.CUSTOM_FIELD, row)
        if shown.pop("object_type", None) == "shared":
            shown["is_shared"] = True
            shown.setdefault("associations", [])
        return shown

    def custom_activity_type(self, row: Row) -> Row:
        """Return a custom activity type with its fields."""
        shown = self._based_on(shapes.CUSTOM_ACTIVITY_TYPE, row)
        if "fields" not in row:
            shown["fields"] = [
                self.custom_field(field)
                for field in self._account["custom_fields"]
                if field.get("custom_activity_type_id") == row["id"]
            ]
        return shown

    def pipeline(self, row: Row) -> Row:
        """Return a pipeline; its statuses have nothing but id, label and type."""
        shown = self._based_on(shapes.PIPELINE, row)
        shown["statuses"] = [
            {"id": status["id"], "label": status.get("label"), "type": status.get("type")}
            for status in row.get("statuses") or ()
        ]
        return shown

    def outcome(self, row: Row) -> Row:
        """Return an outcome."""
        return self._based_on(shapes.OUTCOME, row)

    def lead_status(self, row: Row) -> Row:
        """Return a lead status, which has no dates."""
        return {"id": row["id"], "label": row.get("label"), "organization_id": self._organization_id(row)}

    def opportunity_status(self, row: Row) -> Row:
        """Return an opportunity status as ``/status/opportunity/`` has it."""
        return {
            "id": row["id"],
            "label": row.get("label"),
            "organization_id": self._organization_id({}),
            "pipeline_id": row["pipeline_id"],
            "type": row.get("type"),
        }

    def event(self, row: Row) -> Row:
        """Return an event."""
        return self._based_on(shapes.EVENT, row)

    def user_name(self, user_id: str | None) -> str | None:
        """Return a user's name of now, None for an unknown id."""
        user = self._account["users"].get(user_id)
        if user is None:
            return None
        name = f"{user.get('first_name') or ''} {user.get('last_name') or ''}".strip()
        return name or user.get("email")

    def _based_on(self, defaults: Row, row: Row, more: Row | None = None) -> Row:
        shown = {**defaults, **(more or {}), **row}
        shown["organization_id"] = self._organization_id(row)
        return shown

    def _organization_id(self, row: Row) -> Any:
        return row.get("organization_id") or self._account.organization["id"]

    def _name_users(self, shown: Row) -> None:
        for field, name in _NAMED_USERS:
            if field in shown:
                shown[name] = self.user_name(shown[field]) or shown.get(name)

    def _name_lead(self, shown: Row) -> None:
        lead = self._account["leads"].get(shown["lead_id"])
        if lead is None:
            shown.setdefault("lead_name", None)
        else:
            shown["lead_name"] = self._lead_name(lead, None)

    def _name_contact(self, shown: Row) -> None:
        contact = self._account["contacts"].get(shown["contact_id"])
        if contact is None:
            shown.setdefault("contact_name", None)
        else:
            shown["contact_name"] = contact.get("name")

    def _lead_name(self, row: Row, contacts: list[Row] | None) -> str:
        """Return the name a lead shows: its own, else its first contact's."""
        stored = row.get("name") or row.get("display_name")
        if stored:
            return str(stored)
        if contacts is None:
            contacts = self._account["contacts"].of_lead(row["id"])
        return next((str(contact["name"]) for contact in contacts if contact.get("name")), "")

    def _label_lead_statuses(self, shown: Row) -> None:
        for side in ("old", "new"):
            if shown[f"{side}_status_label"] is None:
                status = self._account["lead_statuses"].get(shown[f"{side}_status_id"])
                shown[f"{side}_status_label"] = status.get("label") if status else None

    def _label_opportunity_statuses(self, shown: Row) -> None:
        for side in ("old", "new"):
            status = self._account.statuses.get(shown[f"{side}_status_id"], {})
            for field in ("status_label", "status_type", "pipeline_id", "pipeline_name"):
                if shown[f"{side}_{field}"] is None:
                    shown[f"{side}_{field}"] = status.get(field.removeprefix("status_"))
        currency = shown["opportunity_value_currency"] or self.currency
        shown["opportunity_value_currency"] = currency
        shown["opportunity_value_formatted"] = (
            money.formatted(shown["opportunity_value"], shown["opportunity_value_period"], currency) or None
        )
        won = shown["opportunity_date_won"]
        if won and len(won) == len("2024-01-01"):
            shown["opportunity_date_won"] = times.stamp(times.parse(won))
