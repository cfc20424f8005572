"""People, statuses, pipelines, fields and outcomes as the Close API returns them.

Source: Close's API documentation, pages resources/users, organizations, lead-statuses, pipelines, custom-fields,
custom-activities and outcomes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.company import catalogue
from sandbox.company.calendar import ZONE
from sandbox.company.catalogue import ORGANIZATION
from sandbox.company.rows import naive, signature, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.company.people import Person
    from sandbox.company.rows import Row
    from sandbox.company.world import World


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
                {"id": pipeline.stage_id(stage), "label": stage.label, "type": stage.type} for stage in pipeline.stages
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
            row["associations"] = [{"object_type": "lead", "custom_activity_type_id": None, "required": False}]
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
            "fields": [_field_row(field) | {"required": False} for field in fields if type_id == catalogue.DEMO_REPORT],
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
