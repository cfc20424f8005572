"""Leads, deals, tasks and reference data as the Close API returns them.

Source: Close's API documentation, pages resources/leads, opportunities, tasks, pipelines, lead-statuses,
custom-fields, users.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from include.sandbox.company import catalogue
from include.sandbox.company.calendar import ZONE
from include.sandbox.company.catalogue import (
    ACCOUNT_OWNER,
    CAMPAIGN,
    COMPETITOR,
    DISCOUNT,
    INTERESTS,
    LEAD_SOURCE,
    ORGANIZATION,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from include.sandbox.company.model import Deal, Lead, Task
    from include.sandbox.company.people import Person
    from include.sandbox.company.world import World

Row = dict[str, Any]


def stamp(at: datetime) -> str:
    """Return an instant as Close writes it: microseconds vanish when they are zero."""
    return at.isoformat()


def naive(at: datetime) -> str:
    """Return an instant as events, pipelines and custom activity types carry it: UTC without saying so."""
    return at.replace(tzinfo=None).isoformat(timespec="microseconds")


def signature(
    created_at: datetime, updated_at: datetime, by: Person | None, changed_by: Person | None = None
) -> Row:
    """Return the block of who made and changed a row, and when."""
    changed_by = changed_by or by
    return {
        "organization_id": ORGANIZATION,
        "date_created": stamp(created_at),
        "date_updated": stamp(updated_at),
        "created_by": by.id if by else None,
        "created_by_name": by.name if by else None,
        "updated_by": changed_by.id if changed_by else None,
        "updated_by_name": changed_by.name if changed_by else None,
    }


def lead_row(lead: Lead) -> Row:
    """Return a lead; unset custom fields are absent, those of several values are lists."""
    contact = lead.contact
    owned = signature(
        lead.created_at, lead.updated_at, lead.created_by, lead.moves[-1].by if lead.moves else None
    )
    row: Row = {
        "id": lead.id,
        "name": lead.name,
        "display_name": lead.display_name,
        "description": lead.description,
        "url": None,
        "html_url": f"https://app.close.com/lead/{lead.id}/",
        "status_id": catalogue.lead_status_id(lead.status),
        "status_label": lead.status,
        "addresses": [],
        "integration_links": [],
        "contacts": [
            {
                "id": contact.id,
                "lead_id": lead.id,
                "name": contact.name,
                "display_name": contact.name,
                "title": contact.title,
                "emails": [{"email": contact.email, "type": "office", "is_unsubscribed": False}],
                "phones": [
                    {
                        "phone": contact.phone,
                        "phone_formatted": contact.phone,
                        "type": "office",
                        "country": "US",
                    }
                ],
                "urls": [],
                "integration_links": [],
                "created_by": owned["created_by"],
                "updated_by": owned["created_by"],
                "date_created": owned["date_created"],
                "date_updated": owned["date_created"],
                "organization_id": ORGANIZATION,
            }
        ],
        **owned,
    }
    if lead.source is not None:
        row[LEAD_SOURCE.key] = lead.source
    if lead.owner is not None:
        row[ACCOUNT_OWNER.key] = lead.owner.id
    if lead.interests:
        row[INTERESTS.key] = list(lead.interests)
    if lead.campaign is not None:
        row[CAMPAIGN.key] = lead.campaign
    return row


def money(value: int | None, period: str) -> str:
    """Return the amount as Close shows it; value in cents."""
    if not value:
        return ""
    dollars, cents = divmod(value, 100)
    suffix = {"monthly": " monthly", "annual": " annually", "one_time": ""}[period]
    return f"${dollars:,}{f'.{cents:02d}' if cents else ''}{suffix}"


def opportunity_row(lead: Lead, deal: Deal) -> Row:
    """Return an opportunity with the derived amounts, in cents; half a cent is rounded to even."""
    confidence = deal.stage.confidence
    annualized = None if deal.value is None else deal.value * (12 if deal.period == "monthly" else 1)
    date_won = deal.won_on or deal.expected_on
    row: Row = {
        "id": deal.id,
        "lead_id": lead.id,
        "lead_name": lead.display_name,
        "contact_id": lead.contact.id,
        "contact_name": lead.contact.name,
        "user_id": deal.owner.id,
        "user_name": deal.owner.name,
        "pipeline_id": deal.pipeline.id,
        "pipeline_name": deal.pipeline.name,
        "status_id": deal.pipeline.stage_id(deal.stage),
        "status_label": deal.stage.label,
        "status_display_name": deal.stage.label,
        "status_type": deal.stage.type,
        "value": deal.value,
        "value_period": deal.period,
        "value_currency": "USD",
        "value_formatted": money(deal.value, deal.period),
        "annualized_value": annualized,
        "expected_value": _share(deal.value, confidence),
        "annualized_expected_value": _share(annualized, confidence),
        "confidence": confidence,
        "date_won": date_won.isoformat() if date_won else None,
        "date_lost": stamp(deal.lost_at) if deal.lost_at else None,
        "note": deal.note,
        "integration_links": [],
        "attachments": [],
        **signature(deal.created_at, deal.updated_at, deal.owner, deal.moves[-1].by if deal.moves else None),
    }
    if deal.discount is not None:
        row[DISCOUNT.key] = deal.discount
    if deal.competitor is not None:
        row[COMPETITOR.key] = deal.competitor
    return row


def _share(cents: int | None, per_cent: int) -> int | None:
    return None if cents is None else round(Fraction(cents * per_cent, 100))


def task_row(lead: Lead, task: Task) -> Row:
    """Return a task of a lead."""
    return {
        "_type": "lead",
        "id": task.id,
        "lead_id": lead.id,
        "lead_name": lead.display_name,
        "contact_id": None,
        "contact_name": None,
        "assigned_to": task.by.id,
        "assigned_to_name": task.by.name,
        "text": task.text,
        "date": task.due_on.isoformat(),
        "due_date": task.due_on.isoformat(),
        "is_dateless": False,
        "is_complete": task.done_at is not None,
        "view": "archive" if task.done_at else "inbox",
        "object_type": None,
        "object_id": None,
        **signature(task.at, task.done_at or task.at, task.by),
    }


def user_row(world: World, person: Person) -> Row:
    """Return a user; one who has left carries `is_active: false`."""
    started = stamp(world.team.started(person))
    row: Row = {
        "id": person.id,
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "image": None,
        "google_profile_image_url": None,
        "last_used_timezone": ZONE.key,
        "email_verified_at": started,
        "organizations": [ORGANIZATION],
        "date_created": started,
        "date_updated": started,
    }
    return row if person.left is None else {**row, "is_active": False}


def organization_row(world: World, founder: Person) -> Row:
    """Return the organisation; statuses, pipelines and members are served from their own files."""
    started = stamp(world.team.started(founder))
    return {
        "id": ORGANIZATION,
        "name": catalogue.ORGANIZATION_NAME,
        "currency": "USD",
        "currency_symbol": "$",
        "date_created": started,
        "date_updated": started,
    }


def lead_status_rows() -> Iterator[Row]:
    """Yield the lead statuses, in their order."""
    for label in catalogue.LEAD_STATUSES:
        yield {"id": catalogue.lead_status_id(label), "label": label, "organization_id": ORGANIZATION}


def pipeline_rows(world: World, founder: Person) -> Iterator[Row]:
    """Yield the pipelines with their statuses; the first one came with the account."""
    started = naive(world.team.started(founder))
    for number, pipeline in enumerate(catalogue.PIPELINES):
        maker = founder.id if number else None
        yield {
            "id": pipeline.id,
            "name": pipeline.name,
            "organization_id": ORGANIZATION,
            "statuses": [
                {"id": pipeline.stage_id(stage), "label": stage.label, "type": stage.type}
                for stage in pipeline.stages
            ],
            "created_by": maker,
            "updated_by": maker,
            "date_created": started,
            "date_updated": started,
        }


def _field_row(field: catalogue.Field) -> Row:
    """Return a custom field as the schemas of custom activity types nest it."""
    return {
        "id": field.id,
        "name": field.name,
        "type": field.type,
        "choices": list(field.choices) if field.choices else None,
        "accepts_multiple_values": field.multiple,
        "description": None,
        "editable_with_roles": [],
        "is_shared": field.object_type == "shared",
        "referenced_custom_type_id": None,
        "back_reference_is_visible": None,
    }


def custom_field_rows(world: World, founder: Person) -> Iterator[Row]:
    """Yield the custom fields, marked with the kind of object they belong to."""
    started = world.team.started(founder)
    for field in catalogue.FIELDS:
        row = {**_field_row(field), "object_type": field.object_type, **signature(started, started, founder)}
        if field.object_type == "activity":
            row |= {"custom_activity_type_id": catalogue.DEMO_REPORT, "required": False}
        if field.object_type == "shared":
            row["associations"] = [
                {"object_type": "lead", "custom_activity_type_id": None, "required": False}
            ]
        yield row


def custom_activity_type_rows(world: World, founder: Person) -> Iterator[Row]:
    """Yield the types of custom activities with their fields."""
    started = naive(world.team.started(founder))
    for type_id, name in catalogue.CUSTOM_ACTIVITY_TYPES.items():
        fields = [field for field in catalogue.FIELDS if field.object_type == "activity"]
        yield {
            "id": type_id,
            "name": name,
            "description": None,
            "api_create_only": False,
            "editable_with_roles": [],
            "fields": [
                _field_row(field) | {"required": False}
                for field in fields
                if type_id == catalogue.DEMO_REPORT
            ],
            "organization_id": ORGANIZATION,
            "created_by": founder.id,
            "updated_by": founder.id,
            "date_created": started,
            "date_updated": started,
        }


def outcome_rows(world: World, founder: Person) -> Iterator[Row]:
    """Yield the outcomes of calls and meetings."""
    started = world.team.started(founder)
    for name, applies_to in catalogue.OUTCOMES.items():
        yield {
            "id": catalogue.outcome_id(name),
            "name": name,
            "description": "",
            "applies_to": list(applies_to),
            "type": "custom",
            **signature(started, started, founder),
        }


def opportunity_snapshot(deal: Deal) -> Row:
    """Return what a change of stage keeps of the opportunity; its date_won is a datetime there."""
    won = deal.won_on or deal.expected_on
    return {
        "opportunity_id": deal.id,
        "opportunity_value": deal.value,
        "opportunity_value_currency": "USD",
        "opportunity_value_formatted": money(deal.value, deal.period) or None,
        "opportunity_value_period": deal.period,
        "opportunity_date_won": f"{won.isoformat()}T00:00:00+00:00" if won else None,
    }
