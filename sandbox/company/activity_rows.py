"""Activities as the Close API returns them.

Source: Close's API documentation, pages resources/activities and its sub-pages. Fields that the reports don't
read and that always hold the same are left out: the sandbox serves the API's default for them.
"""

from __future__ import annotations

from datetime import timedelta
from functools import singledispatch
from typing import TYPE_CHECKING

from sandbox.company import catalogue
from sandbox.company.catalogue import CUSTOM_ACTIVITY_TYPES, DEMO_REPORT, DEMO_RESULT, DEMO_SEATS
from sandbox.company.ids import close_id
from sandbox.company.model import Activity, Call, Email, Meeting, Merge, Note, Report
from sandbox.company.rows import Row, opportunity_snapshot, signature, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sandbox.company.model import Deal, Lead, StageMove, StatusMove, Task
    from sandbox.company.people import Person


def activity_rows(lead: Lead) -> Iterator[Row]:
    """Yield every activity of a lead, newest changes of status included, in no particular order."""
    if lead.created_id:
        yield _base(lead, "Created", lead.created_id, lead.created_at, lead.created_by) | {
            "source": "ui" if lead.created_by else "import",
            "import_id": None if lead.created_by else close_id("impt", "first"),
        }
    for move in lead.moves:
        yield _status_change(lead, move)
    for deal in lead.deals:
        for stage_move in deal.moves:
            yield _stage_change(lead, deal, stage_move)
    for activity in lead.activities:
        yield activity_row(activity, lead)
    for task in lead.tasks:
        if task.done_at is not None:
            yield _completion(lead, task, task.done_at)


def _base(
    lead: Lead,
    kind: str,
    activity_id: str,
    at: datetime,
    by: Person | None,
    created_at: datetime | None = None,
    updated_at: datetime | None = None,
) -> Row:
    """Return what all activities share; `at` is when it happened."""
    return {
        "_type": kind,
        "id": activity_id,
        "lead_id": lead.id,
        "contact_id": None,
        "user_id": by.id if by else None,
        "user_name": by.name if by else None,
        "users": [by.id] if by and kind == "Meeting" else [],
        "activity_at": stamp(at),
        **signature(created_at or at, updated_at or created_at or at, by),
    }


def _status_change(lead: Lead, move: StatusMove) -> Row:
    return _base(lead, "LeadStatusChange", move.id, move.at, move.by) | {
        "old_status_id": catalogue.lead_status_id(move.old),
        "old_status_label": move.old,
        "new_status_id": catalogue.lead_status_id(move.new),
        "new_status_label": move.new,
    }


def _stage_change(lead: Lead, deal: Deal, move: StageMove) -> Row:
    row = _base(lead, "OpportunityStatusChange", move.id, move.at, move.by) | opportunity_snapshot(deal)
    row["opportunity_confidence"] = move.new.confidence
    for when, stage in (("old", move.old), ("new", move.new)):
        row |= {
            f"{when}_status_id": deal.pipeline.stage_id(stage),
            f"{when}_status_label": stage.label,
            f"{when}_status_type": stage.type,
            f"{when}_pipeline_id": deal.pipeline.id,
            f"{when}_pipeline_name": deal.pipeline.name,
        }
    return row


def _completion(lead: Lead, task: Task, done_at: datetime) -> Row:
    return _base(lead, "TaskCompleted", task.completion_id, done_at, task.by) | {
        "task_id": task.id,
        "task_text": task.text,
        "task_assigned_to": task.by.id,
        "task_assigned_to_name": task.by.name,
    }


@singledispatch
def activity_row(activity: Activity, lead: Lead) -> Row:
    """Return an activity of a lead as a row."""
    raise TypeError(f"no row for {type(activity).__name__} on lead {lead.id}")


@activity_row.register(Call)
def _call_row(call: Call, lead: Lead) -> Row:
    ended = call.at + timedelta(seconds=call.duration)
    answered = call.disposition == "answered"
    return _base(lead, "Call", call.id, call.at, call.by, updated_at=ended) | {
        "contact_id": lead.contact.id,
        "direction": call.direction,
        "status": call.status,
        "disposition": call.disposition,
        "duration": call.duration,
        "outcome_id": call.outcome,
        "source": call.source,
        "call_method": "external" if call.source == "External" else "regular",
        "phone": lead.contact.phone,
        "remote_phone": lead.contact.phone,
        "remote_phone_formatted": lead.contact.phone,
        "remote_country_iso": "US",
        "local_phone": "+15552000100",
        "local_phone_formatted": "+15552000100",
        "local_country_iso": "US",
        "date_answered": stamp(call.at + timedelta(seconds=6)) if answered else None,
        "cost": f"{1 + call.duration // 60}.00" if call.duration and call.source != "External" else None,
        "note": "",
        "has_recording": False,
        "recording_url": None,
        "voicemail_url": None,
        "voicemail_duration": 14 if call.disposition == "vm-left" and call.direction == "inbound" else 0,
    }


@activity_row.register(Email)
def _email_row(mail: Email, lead: Lead) -> Row:
    # A mail that came in later keeps its own date as date_created; only date_updated tells.
    updated_at = mail.synced_at or mail.at
    theirs, ours = lead.contact.email, mail.by.email
    incoming = mail.direction == "incoming"
    row = _base(lead, "Email", mail.id, mail.at, mail.by, mail.written_at, updated_at) | {
        "contact_id": lead.contact.id,
        "direction": mail.direction,
        "status": mail.status,
        "subject": mail.subject,
        "sender": f"{lead.contact.name} <{theirs}>" if incoming else f"{mail.by.name} <{ours}>",
        "to": [ours if incoming else theirs],
        "cc": [],
        "bcc": [],
        "body_text": "",
        "body_html": "",
        "body_preview": "",
        "date_sent": stamp(mail.at) if mail.status == "sent" else None,
        "date_scheduled": stamp(mail.at + timedelta(days=1)) if mail.status == "scheduled" else None,
        "sequence_id": close_id("seq", "welcome") if mail.automation == "sequence" else None,
        "sequence_name": "Welcome" if mail.automation == "sequence" else None,
        "bulk_email_action_id": close_id("bulkemail", mail.at.year, mail.at.month)
        if mail.automation == "bulk"
        else None,
        "thread_id": close_id("acti", "thread", lead.id, mail.subject),
        "email_account_id": close_id("emailacct", mail.by.id),
        "message_ids": [f"<{mail.id}@mail.example>"] if mail.status != "draft" else [],
        "has_reply": False,
        "opens": [],
        "attachments": [],
    }
    if incoming or mail.synced_at:
        row |= {"created_by": None, "created_by_name": None, "updated_by": None, "updated_by_name": None}
    return row


@activity_row.register(Meeting)
def _meeting_row(meeting: Meeting, lead: Lead) -> Row:
    ends_at = meeting.starts_at + timedelta(minutes=meeting.minutes)
    manual = meeting.status is None
    # date_created of a synced meeting is its start, even one that lies ahead, after date_updated.
    if meeting.status == "upcoming":
        updated_at = meeting.booked_at or meeting.starts_at
    else:
        updated_at = ends_at + timedelta(seconds=3, milliseconds=639)
    return _base(lead, "Meeting", meeting.id, meeting.starts_at, meeting.by, updated_at=updated_at) | {
        "title": meeting.title,
        "status": meeting.status,
        "starts_at": stamp(meeting.starts_at),
        "ends_at": stamp(ends_at),
        "duration": meeting.minutes * 60,
        "outcome_id": meeting.outcome,
        "source": "manual" if manual else "calendar",
        "connected_account_id": None if manual else close_id("emailacct", meeting.by.id),
        "location": None,
        "note": "",
        "is_recurring": False,
        "attendees": [
            {
                "email": lead.contact.email,
                "name": lead.contact.name,
                "status": {"declined-by-lead": "no", "completed": "yes"}.get(meeting.status or "", "noreply"),
                "user_id": None,
                "contact_id": lead.contact.id,
                "is_organizer": False,
            },
            {
                "email": meeting.by.email,
                "name": meeting.by.name,
                "status": "no" if meeting.status == "declined-by-org" else "yes",
                "user_id": meeting.by.id,
                "contact_id": None,
                "is_organizer": True,
            },
        ],
    }


@activity_row.register(Report)
def _report_row(report: Report, lead: Lead) -> Row:
    published = stamp(report.at) if report.status == "published" else None
    row = _base(lead, "CustomActivity", report.id, report.happened_at or report.at, report.by, created_at=report.at) | {
        "custom_activity_type_id": report.type_id,
        "custom_activity_type_name": CUSTOM_ACTIVITY_TYPES[report.type_id],
        "status": report.status,
        "last_published_at": published,
        "pinned": False,
        "pinned_at": None,
        "source": "ui",
    }
    if report.type_id == DEMO_REPORT:
        row |= {DEMO_RESULT.key: report.result, DEMO_SEATS.key: report.seats}
    return row


@activity_row.register(Note)
def _note_row(note: Note, lead: Lead) -> Row:
    return _base(lead, "Note", note.id, note.at, note.by) | {
        "note": note.text,
        "note_html": f"<p>{note.text}</p>",
    }


@activity_row.register(Merge)
def _merge_row(merge: Merge, lead: Lead) -> Row:
    return _base(lead, "LeadMerge", merge.id, merge.at, merge.by) | {
        "source_lead_id": merge.source_id,
        "source_display_name": merge.source_name,
        "destination_lead_id": lead.id,
        "destination_display_name": lead.display_name,
        "merge_status": merge.status,
        "error_message": None if merge.status == "completed" else "Merge failed.",
    }
