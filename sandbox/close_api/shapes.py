"""The fields that Close always returns, with the value an object has that never got one.

Source: developer.close.com, the resources' example replies, and recorded replies.
"""

from __future__ import annotations

from typing import Any

Defaults = dict[str, Any]

CREDITS: Defaults = {"created_by": None, "updated_by": None}

LEAD: Defaults = {
    "name": None,
    "display_name": "",
    "description": "",
    "url": None,
    "status_id": None,
    "status_label": None,
    "addresses": [],
    "integration_links": [],
    **CREDITS,
}
CONTACT: Defaults = {
    "lead_id": None,
    "name": None,
    "display_name": "",
    "title": None,
    "emails": [],
    "phones": [],
    "urls": [],
    "integration_links": [],
    **CREDITS,
}
OPPORTUNITY: Defaults = {
    "lead_id": None,
    "contact_id": None,
    "user_id": None,
    "status_id": None,
    "status_label": None,
    "status_type": "active",
    "pipeline_id": None,
    "pipeline_name": None,
    "value": None,
    "value_period": "one_time",
    "confidence": 50,
    "date_won": None,
    "date_lost": None,
    "note": "",
    "attachments": [],
    "integration_links": [],
    "is_stalled": False,
    "stall_status": None,
    **CREDITS,
}
TASK: Defaults = {
    "_type": "lead",
    "lead_id": None,
    "contact_id": None,
    "assigned_to": None,
    "date": None,
    "is_dateless": None,
    "is_complete": False,
    "text": None,
    "view": "inbox",
    "object_type": None,
    "object_id": None,
    **CREDITS,
}
USER: Defaults = {
    "email": "",
    "first_name": "",
    "last_name": "",
    "image": None,
    "google_profile_image_url": None,
    "last_used_timezone": None,
    "email_verified_at": None,
}
CUSTOM_FIELD: Defaults = {
    "name": "",
    "type": "text",
    "choices": None,
    "accepts_multiple_values": False,
    "description": None,
    "editable_with_roles": [],
    "is_shared": False,
    "referenced_custom_type_id": None,
    "back_reference_is_visible": None,
    **CREDITS,
}
OUTCOME: Defaults = {
    "name": "",
    "description": "",
    "applies_to": ["calls", "meetings"],
    "type": "custom",
    **CREDITS,
}
CUSTOM_ACTIVITY_TYPE: Defaults = {
    "name": "",
    "description": None,
    "api_create_only": False,
    "editable_with_roles": [],
    **CREDITS,
}
PIPELINE: Defaults = {"name": "", "statuses": [], **CREDITS}
EVENT: Defaults = {
    "object_type": None,
    "action": None,
    "object_id": None,
    "lead_id": None,
    "user_id": None,
    "request_id": None,
    "api_key_id": None,
    "oauth_client_id": None,
    "oauth_scope": None,
    "changed_fields": [],
    "data": {},
    "previous_data": {},
    "meta": {},
}
