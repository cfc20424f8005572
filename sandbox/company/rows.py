"""Leads, deals and tasks as the Close API returns them.

Source: Close's API documentation, pages resources/leads, opportunities and tasks.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sandbox.company import catalogue
from sandbox.company.catalogue import (
    ACCOUNT_OWNER,
    CAMPAIGN,
    COMPETITOR,
    DISCOUNT,
    INTERESTS,
    LEAD_SOURCE,
    ORGANIZATION,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.company.model import Deal, Lead, Task
    from sandbox.company.people import Person

Row = dict[str, Any]


def stamp(at: datetime) -> str:
    """Return an instant as Close writes it: to the millisecond, and without a fraction where that is zero."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000).isoformat()


def naive(at: datetime) -> str:
    """Return an instant as events, pipelines and custom activity types carry it: UTC without saying so."""
    return at.replace(tzinfo=None).isoformat(timespec="microseconds")


def signature(created_at: datetime, updated_at: datetime, by: Person | None, changed_by: Person | None = None) -> Row:
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
    owned = signature(lead.created_at, lead.updated_at, lead.created_by, lead.moves[-1].by if lead.moves else None)
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
