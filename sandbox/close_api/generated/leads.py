"""Leads, the statuses they went through, and contacts and tasks on them."""

from __future__ import annotations

import numpy as np

from sandbox.close_api.generated.columns import (
    MISSING,
    Array,
    Coded,
    Column,
    Constant,
    Days,
    Live,
    Numbered,
    Own,
    Reference,
    Stamps,
)
from sandbox.close_api.generated.draws import DAY, Draws
from sandbox.close_api.generated.packed import PackedIds
from sandbox.close_api.generated.reference import LEAD_STATUSES, SOURCES
from sandbox.close_api.generated.scene import Leads, Scene
from sandbox.close_api.generated.table import Part

# Final status -> its share of the leads and the statuses on the way, each by its place in LEAD_STATUSES.
_PATHS: tuple[tuple[float, tuple[int, ...]], ...] = (
    (0.30, ()),
    (0.25, (1,)),
    (0.08, (1, 2)),
    (0.12, (1, 2, 3)),
    (0.05, (1, 2, 3, 4)),
    (0.12, (1, 5)),
    (0.08, (6,)),
)
_STEPS = max(len(path) for _, path in _PATHS)
_WAIT_DAYS = 25.0
_SILENT = 0.1
_FIRST_WORDS = ("Northern", "Bright", "Silver", "Green", "Rapid", "Quiet", "Golden", "Urban", "Coastal", "Prime")
_LAST_WORDS = ("Foods", "Logistics", "Clinics", "Software", "Builders", "Studios", "Energy", "Travel", "Media", "Labs")


def lead_name(place: int) -> str:
    """Return the name of a lead."""
    return f"{_FIRST_WORDS[place % 10]} {_LAST_WORDS[place // 10 % 10]} {place // 100}"


def draw(scene: Scene) -> Leads:
    """Return the leads of an account."""
    draws, count = Draws(scene.spec, "leads"), scene.spec.leads
    created = draws.growing(count)
    owner = draws.whole(count, scene.spec.users, np.int16)
    last, status, steps = _history(draws, created)
    updated = np.maximum(draws.updated(created), last)
    source = np.where(draws.chance(count, _SILENT), len(SOURCES), draws.whole(count, len(SOURCES))).astype(np.uint8)
    users = scene.reference.users
    stored: dict[str, Column] = {
        "id": Own(scene.leads),
        "name": Numbered(lead_name),
        "status_id": Coded(status, scene.reference.lead_statuses),
        f"custom.{scene.reference.source_field}": Coded(source, [*SOURCES, MISSING]),
        f"custom.{scene.reference.owner_field}": Coded(owner, users),
        "created_by": Coded(owner, users),
        "updated_by": Coded(owner, users),
        "date_created": Stamps(created),
        "date_updated": Stamps(updated),
    }
    shown: dict[str, Column] = {
        "display_name": Numbered(lead_name),
        "status_label": Live(status, scene.lead_status_labels),
        "html_url": Numbered(lambda place: f"https://app.close.com/lead/{scene.leads.of((place,))[0]}/"),
        "organization_id": Constant(scene.reference.organization),
        "description": Constant(""),
        "url": Constant(None),
        "created_by_name": Live(owner, scene.user_names),
        "updated_by_name": Live(owner, scene.user_names),
    }
    part = Part(scene.leads, created, updated, None, stored, shown)
    return Leads(part, _changes(scene, steps, owner), created, owner)


def _history(draws: Draws, created: Array) -> tuple[Array, Array, list[tuple[Array, Array, Array, Array]]]:
    """Walk all leads along their paths, as far as the time allows.

    Returns:
        The instants of the last change, the statuses now, and of each step: places of leads, old
        and new statuses, instants.
    """
    path = draws.codes(len(created), [share for share, _ in _PATHS])
    table = np.full((len(_PATHS), _STEPS), -1, np.int8)
    for number, (_, statuses) in enumerate(_PATHS):
        table[number, : len(statuses)] = statuses
    at, now = created.copy(), np.zeros(len(created), np.uint8)
    going = np.arange(len(created), dtype=np.int32)
    steps = []
    for step in range(_STEPS):
        new = table[path[going], step]
        when = at[going] + draws.wait(len(going), _WAIT_DAYS)
        happens = (new >= 0) & (when < draws.end)
        going, new, when = going[happens], new[happens].astype(np.uint8), when[happens]
        steps.append((going, now[going], new, when))
        at[going], now[going] = when, new
    return at, now, steps


def _changes(scene: Scene, steps: list[tuple[Array, Array, Array, Array]], owner: Array) -> Part:
    lead, old, new, at = (np.concatenate([step[number] for step in steps]) for number in range(4))
    order = np.argsort(at, kind="stable")
    lead, old, new, at = lead[order], old[order], new[order], at[order]
    statuses = scene.reference.lead_statuses
    ids = PackedIds("acti", scene.spec.seed + 1_000_003)
    return scene.activity(
        "LeadStatusChange",
        ids,
        lead,
        owner[lead],
        at,
        at,
        {
            "old_status_id": Coded(old, statuses),
            "old_status_label": Coded(old, LEAD_STATUSES),
            "new_status_id": Coded(new, statuses),
            "new_status_label": Coded(new, LEAD_STATUSES),
        },
    )


def contacts(scene: Scene, leads: Leads) -> Part:
    """Return the contacts of an account."""
    draws = Draws(scene.spec, "contacts")
    lead, created = scene.on_leads(draws, leads, scene.spec.contacts)
    owner, ids = leads.owner[lead], PackedIds("cont", scene.spec.seed)
    updated = draws.updated(created)
    stored: dict[str, Column] = {
        "id": Own(ids),
        "lead_id": Reference(lead, scene.leads),
        "name": Numbered(lambda place: f"Person {place}"),
        "emails": Numbered(
            lambda place: [{"type": "office", "email": f"person.{place}@example.com", "is_unsubscribed": False}]
        ),
        "created_by": Coded(owner, scene.reference.users),
        "updated_by": Coded(owner, scene.reference.users),
        "date_created": Stamps(created),
        "date_updated": Stamps(updated),
    }
    return Part(ids, created, updated, lead, stored, {"organization_id": Constant(scene.reference.organization)})


def tasks(scene: Scene, leads: Leads) -> Part:
    """Return the tasks of an account, all of type lead."""
    draws = Draws(scene.spec, "tasks")
    lead, created = scene.on_leads(draws, leads, scene.spec.tasks)
    owner, ids = leads.owner[lead], PackedIds("task", scene.spec.seed)
    updated = draws.updated(created)
    due = (created + draws.wait(len(created), 7)) // DAY
    stored: dict[str, Column] = {
        "id": Own(ids),
        "_type": Constant("lead"),
        "lead_id": Reference(lead, scene.leads),
        "assigned_to": Coded(owner, scene.reference.users),
        "text": Constant("Follow up"),
        "date": Days(due),
        "is_complete": Coded((due * DAY < draws.end).astype(np.uint8), (False, True)),
        "created_by": Coded(owner, scene.reference.users),
        "updated_by": Coded(owner, scene.reference.users),
        "date_created": Stamps(created),
        "date_updated": Stamps(updated),
    }
    shown: dict[str, Column] = {"organization_id": Constant(scene.reference.organization)}
    return Part(ids, created, updated, lead, stored, shown, kind="lead")
