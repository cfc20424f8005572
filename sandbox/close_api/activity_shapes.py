"""Activities: the fields Close always returns for each type, their paths and their event names.

Source: developer.close.com, the pages of the activity types; recorded replies.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from sandbox.close_api.shapes import CREDITS, Defaults

if TYPE_CHECKING:
    from collections.abc import Mapping

ACTIVITY: Defaults = {"lead_id": None, "contact_id": None, "user_id": None, "users": [], **CREDITS}
_PHONE: Defaults = {
    "phone": None,
    "local_phone": None,
    "local_phone_formatted": None,
    "local_country_iso": "",
    "remote_phone": None,
    "remote_phone_formatted": None,
    "remote_country_iso": "",
}
_SEQUENCE: Defaults = {"sequence_id": None, "sequence_name": None, "sequence_subscription_id": None}

ACTIVITIES: Mapping[str, Defaults] = MappingProxyType({
    "Call": {
        **_PHONE,
        **_SEQUENCE,
        "direction": "outbound",
        "status": "completed",
        "disposition": None,
        "duration": 0,
        "cost": None,
        "call_method": "regular",
        "source": "Close.io",
        "note": "",
        "recording_url": None,
        "recording_duration": None,
        "recording_expires_at": None,
        "has_recording": False,
        "voicemail_url": None,
        "voicemail_duration": 0,
        "date_answered": None,
        "outcome_id": None,
        "dialer_id": None,
        "dialer_saved_search_id": None,
        "transferred_from": None,
        "transferred_from_user_id": None,
        "transferred_to": None,
        "transferred_to_user_id": None,
        "forwarded_to": None,
        "is_forwarded": False,
        "is_to_group_number": False,
        "is_joinable": False,
        "coach_legs": [],
        "parent_meeting_id": None,
    },
    "Email": {
        **_SEQUENCE,
        "status": "sent",
        "direction": "outgoing",
        "subject": "",
        "body_text": "",
        "body_html": "",
        "body_text_quoted": None,
        "body_html_quoted": None,
        "body_preview": "",
        "sender": None,
        "to": [],
        "cc": [],
        "bcc": [],
        "envelope": {},
        "message_ids": [],
        "references": [],
        "in_reply_to_id": None,
        "thread_id": None,
        "date_sent": None,
        "date_scheduled": None,
        "opens": [],
        "opens_summary": None,
        "has_reply": False,
        "template_id": None,
        "template_name": None,
        "bulk_email_action_id": None,
        "email_account_id": None,
        "send_as_id": None,
        "send_attempts": [],
        "attachments": [],
        "followup_sequence_id": None,
        "followup_sequence_delay": None,
        "followup_sequence_add_cc_bcc": False,
        "need_smtp_credentials": False,
    },
    "Meeting": {
        "title": "",
        "starts_at": None,
        "ends_at": None,
        "duration": None,
        "actual_duration": None,
        "status": None,
        "attendees": [],
        "outcome_id": None,
        "user_note": None,
        "user_note_html": None,
        "user_note_date_updated": None,
        "note": "",
        "location": None,
        "source": "calendar",
        "connected_account_id": None,
        "calendar_event_link": None,
        "calendar_event_uids": [],
        "is_recurring": False,
        "integrations": [],
        "conference_links": [],
        "attached_call_ids": [],
        "notetaker_id": None,
        "summary": None,
    },
    "CustomActivity": {
        "custom_activity_type_id": None,
        "status": "published",
        "last_published_at": None,
        "pinned": False,
        "pinned_at": None,
        "source": "ui",
    },
    "LeadStatusChange": {
        "old_status_id": None,
        "old_status_label": None,
        "new_status_id": None,
        "new_status_label": None,
    },
    "OpportunityStatusChange": {
        "opportunity_id": None,
        **{
            f"{side}_{field}": None
            for side in ("old", "new")
            for field in ("status_id", "status_label", "status_type", "pipeline_id", "pipeline_name")
        },
        "opportunity_value": None,
        "opportunity_value_currency": None,
        "opportunity_value_formatted": None,
        "opportunity_value_period": None,
        "opportunity_confidence": None,
        "opportunity_date_won": None,
    },
    "TaskCompleted": {"task_id": None, "task_text": None, "task_assigned_to": None},
    "LeadMerge": {
        "source_lead_id": None,
        "destination_lead_id": None,
        "source_display_name": None,
        "destination_display_name": None,
        "merge_status": "completed",
        "error_message": None,
    },
    "Note": {
        "note": "",
        "note_html": None,
        "title": None,
        "pinned": False,
        "pinned_at": None,
        "attachments": [],
    },
    "Created": {"source": "ui", "import_id": None},
    "SMS": {
        **_PHONE,
        **_SEQUENCE,
        "status": "sent",
        "direction": "outbound",
        "text": "",
        "date_sent": None,
        "date_scheduled": None,
        "cost": None,
        "template_id": None,
        "error_message": None,
        "source": "Close.io",
        "attachments": [],
    },
    "EmailThread": {"latest_normalized_subject": "", "n_emails": 0, "participants": [], "latest_emails": []},
    "WhatsAppMessage": {
        "direction": "incoming",
        "text": "",
        "message_html": "",
        "external_whatsapp_message_id": None,
    },
    "FormSubmission": {"form_id": None, "form_name": None, "values": {}},
})

EVENT_TYPES: Mapping[str, str] = MappingProxyType({
    "Call": "activity.call",
    "Email": "activity.email",
    "EmailThread": "activity.email_thread",
    "SMS": "activity.sms",
    "Note": "activity.note",
    "Meeting": "activity.meeting",
    "Created": "activity.created",
    "LeadStatusChange": "activity.lead_status_change",
    "OpportunityStatusChange": "activity.opportunity_status_change",
    "TaskCompleted": "activity.task_completed",
    "LeadMerge": "activity.lead_merge",
    "CustomActivity": "activity.custom_activity",
    "WhatsAppMessage": "activity.whatsapp_message",
    "FormSubmission": "activity.form_submission",
})
"""``_type`` of an activity -> its name in the event log and in search.

Source: developer.close.com "List of event types".
"""

ACTIVITY_PATHS: Mapping[str, str] = MappingProxyType({
    "call": "Call",
    "email": "Email",
    "emailthread": "EmailThread",
    "sms": "SMS",
    "note": "Note",
    "meeting": "Meeting",
    "created": "Created",
    "status_change/lead": "LeadStatusChange",
    "status_change/opportunity": "OpportunityStatusChange",
    "task_completed": "TaskCompleted",
    "lead_merge": "LeadMerge",
    "custom": "CustomActivity",
    "whatsapp_message": "WhatsAppMessage",
    "form_submission": "FormSubmission",
})
"""Path below ``/activity/`` -> ``_type``. Source: developer.close.com "Activities"."""
