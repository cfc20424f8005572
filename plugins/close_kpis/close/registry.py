"""The streams: what is read from Close, from where, and how it becomes a row of ``raw.<stream>``."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from close_kpis.close.columns import (
    Column,
    custom_values,
    day,
    flag,
    further,
    inside,
    instant,
    json,
    length,
    text,
    unread,
    whole,
)
from close_kpis.close.stream import Kind, Stream

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_ACTIVITY = (
    text("id"),
    text("lead_id"),
    text("user_id"),
    instant("activity_at"),
    instant("date_created"),
    instant("date_updated"),
)


def _activity(name: str, path: str, event_type: str, kind: Kind, *columns: Column) -> Stream:
    return Stream(
        name=name,
        path=f"/activity/{path}/",
        kind=kind,
        columns=(*_ACTIVITY, *columns),
        object_type=f"activity.{event_type}",
        is_activity=True,
        has_id_filter=True,
    )


def _searched(name: str, object_type: str, *columns: Column) -> Stream:
    """Return a stream that the search endpoint shows by its ``date_updated``."""
    return Stream(
        name=name,
        path=f"/{object_type}/",
        kind=Kind.LIGHT,
        columns=columns,
        page_size=200,
        object_type=object_type,
        has_update_filter=True,
        is_searched=True,
    )


_PERSON = (text("name"), text("title"))

CONTACT_FIELDS = (*(column.name for column in _PERSON), "emails", "phones", "urls", "custom")
"""What can be read of a contact beside ids, dates and how many addresses and numbers there are."""

DEFAULT_CONTACT_FIELDS = tuple(column.name for column in _PERSON)


def contacts(fields: Collection[str]) -> Stream:
    """Return the stream of contacts with the personal data that is asked for.

    Args:
        fields: those of `CONTACT_FIELDS` that are read; the columns of the others stay empty.
    """
    return _searched(
        "contacts",
        "contact",
        text("id"),
        text("lead_id"),
        *(column if column.name in fields else unread(column) for column in _PERSON),
        length("emails", "emails"),
        length("phones", "phones"),
        further("further_fields", *(name for name in CONTACT_FIELDS if name in {*fields} - {*DEFAULT_CONTACT_FIELDS})),
        instant("date_created"),
        instant("date_updated"),
    )


_REFERENCE = (
    Stream("organization", "/organization/", Kind.REFERENCE, (text("id"), text("name"), text("currency"))),
    Stream(
        "users",
        "/user/",
        Kind.REFERENCE,
        (
            text("id"),
            text("email"),
            text("first_name"),
            text("last_name"),
            flag("is_active", default=True),
            instant("date_created"),
            instant("date_updated"),
        ),
    ),
    Stream("lead_statuses", "/status/lead/", Kind.REFERENCE, (text("id"), text("label"), whole("position"))),
    Stream("pipelines", "/pipeline/", Kind.REFERENCE, (text("id"), text("name"), whole("position"))),
    Stream(
        "opportunity_statuses",
        "/status/opportunity/",
        Kind.REFERENCE,
        (text("id"), text("label"), text("type"), text("pipeline_id"), whole("position")),
    ),
    Stream(
        "custom_fields",
        "/custom_field/",
        Kind.REFERENCE,
        (
            text("id"),
            text("name"),
            text("object_type"),
            text("type"),
            flag("accepts_multiple_values"),
            flag("is_shared"),
        ),
    ),
    Stream("outcomes", "/outcome/", Kind.REFERENCE, (text("id"), text("name"))),
    Stream("custom_activity_types", "/custom_activity/", Kind.REFERENCE, (text("id"), text("name"))),
)

_LIGHT = (
    _searched(
        "leads",
        "lead",
        text("id"),
        text("display_name"),
        text("status_id"),
        text("status_label"),
        text("html_url"),
        custom_values(),
        instant("date_created"),
        instant("date_updated"),
    ),
    contacts(DEFAULT_CONTACT_FIELDS),
    Stream(
        name="opportunities",
        path="/opportunity/",
        kind=Kind.LIGHT,
        columns=(
            text("id"),
            text("lead_id"),
            text("user_id"),
            text("pipeline_id"),
            text("status_id"),
            text("status_label"),
            text("status_type"),
            whole("value"),
            text("value_period"),
            whole("confidence"),
            day("date_won"),
            instant("date_lost"),
            instant("date_created"),
            instant("date_updated"),
        ),
        page_size=250,
        object_type="opportunity",
        order="-date_created",
        has_update_filter=True,
    ),
    _activity(
        "lead_status_changes",
        "status_change/lead",
        "lead_status_change",
        Kind.LIGHT,
        text("old_status_id"),
        text("old_status_label"),
        text("new_status_id"),
        text("new_status_label"),
    ),
    _activity(
        "opportunity_status_changes",
        "status_change/opportunity",
        "opportunity_status_change",
        Kind.LIGHT,
        text("opportunity_id"),
        text("old_status_id"),
        text("old_status_label"),
        text("old_status_type"),
        text("new_status_id"),
        text("new_status_label"),
        text("new_status_type"),
        text("old_pipeline_id"),
        text("new_pipeline_id"),
    ),
    _activity(
        "lead_merges",
        "lead_merge",
        "lead_merge",
        Kind.LIGHT,
        text("source_lead_id"),
        text("destination_lead_id"),
        text("merge_status"),
    ),
)

_HEAVY = (
    _activity(
        "calls",
        "call",
        "call",
        Kind.HEAVY,
        text("direction"),
        text("status"),
        text("disposition"),
        whole("duration"),
        text("outcome_id"),
    ),
    _activity(
        "emails",
        "email",
        "email",
        Kind.HEAVY,
        text("direction"),
        text("status"),
        text("sequence_id"),
        text("bulk_email_action_id"),
        instant("date_sent"),
    ),
    _activity(
        "meetings",
        "meeting",
        "meeting",
        Kind.HEAVY,
        text("title"),
        text("status"),
        instant("starts_at"),
        instant("ends_at"),
        text("outcome_id"),
        text("source"),
    ),
    _activity(
        "custom_activities",
        "custom",
        "custom_activity",
        Kind.HEAVY,
        text("custom_activity_type_id"),
        text("status"),
    ),
    _activity(
        "task_completions",
        "task_completed",
        "task_completed",
        Kind.HEAVY,
        text("task_id"),
        text("task_text"),
        text("task_assigned_to"),
    ),
    Stream(
        name="tasks",
        path="/task/",
        kind=Kind.HEAVY,
        columns=(
            text("id"),
            text("lead_id"),
            text("assigned_to"),
            text("text"),
            text("date"),
            flag("is_complete"),
            instant("date_created"),
            instant("date_updated"),
        ),
        page_size=1000,
        object_type="task.lead",
        filters=MappingProxyType({"_type": "lead"}),
        order="-date_created",
        has_id_filter=True,
        has_update_filter=True,
    ),
)

_OPTIONAL = (
    _activity("sms", "sms", "sms", Kind.HEAVY, text("direction"), text("status")),
    _activity("notes", "note", "note", Kind.HEAVY),
    _activity("whatsapp_messages", "whatsapp_message", "whatsapp_message", Kind.HEAVY, text("direction")),
)

_EVENTS = Stream(
    name="events",
    path="/event/",
    kind=Kind.EVENTS,
    columns=(
        text("id"),
        text("object_type"),
        text("action"),
        text("object_id"),
        text("lead_id"),
        text("user_id"),
        json("changed_fields"),
        inside("merge_source_lead_id", "meta", "merge_source_lead_id"),
        inside("merge_destination_lead_id", "meta", "merge_destination_lead_id"),
        instant("date_created"),
        instant("date_updated"),
    ),
    page_size=50,
)

STREAMS: Mapping[str, Stream] = MappingProxyType({
    stream.name: stream for stream in (*_REFERENCE, *_LIGHT, *_HEAVY, *_OPTIONAL, _EVENTS)
})
"""All streams by name: the reference ones, then the light, then the heavy ones, then the event log."""


def names(*kinds: Kind) -> list[str]:
    """Return the names of the streams of some kinds, in the order of `STREAMS`."""
    return [name for name, stream in STREAMS.items() if stream.kind in kinds]


OPTIONAL = tuple(stream.name for stream in _OPTIONAL)
"""The streams that are read only where the settings ask for them."""


def stream_names(optional: Iterable[str] = OPTIONAL) -> tuple[str, ...]:
    """Return the streams that a sync reads one by one: the light ones, the heavy ones, then some optional ones.

    Args:
        optional: those of `OPTIONAL` that are read.
    """
    left_out = set(OPTIONAL).difference(optional)
    return tuple(name for name in names(Kind.LIGHT, Kind.HEAVY) if name not in left_out)
