"""Opportunities and the statuses they went through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sandbox.close_api.generated.columns import (
    NONE,
    Array,
    Coded,
    Column,
    Constant,
    Days,
    Live,
    Own,
    Reference,
    Stamps,
    Whole,
)
from sandbox.close_api.generated.draws import DAY, Draws
from sandbox.close_api.generated.packed import PackedIds
from sandbox.close_api.generated.reference import PIPELINES
from sandbox.close_api.generated.table import Part

if TYPE_CHECKING:
    from sandbox.close_api.generated.scene import Leads, Scene

_PIPELINE_SHARES = (0.75, 0.15, 0.10)
_PERIODS = ("monthly", "annual", "one_time")
_PERIOD_SHARES = (0.7, 0.1, 0.2)
_WON, _LOST = 0.35, 0.35
_NO_VALUE = 0.02
_DECISION_DAYS = 45.0
_EXPECTED_DAYS = 60

# Places of each pipeline's first, won and lost status among all statuses.
_FIRST = np.cumsum([0, *(len(stages) for stages in PIPELINES.values())], dtype=np.int16)[:-1]
_LAST = np.cumsum([len(stages) for stages in PIPELINES.values()], dtype=np.int16) - 1


def draw(scene: Scene, leads: Leads) -> tuple[Part, Part]:
    """Return the opportunities of an account, and their status changes."""
    draws, count = Draws(scene.spec, "opportunities"), scene.spec.opportunities
    lead, created = scene.on_leads(draws, leads, count)
    pipeline = draws.codes(count, _PIPELINE_SHARES)
    decided = created + draws.wait(count, _DECISION_DAYS)
    fate = draws.codes(count, (_WON, _LOST, 1 - _WON - _LOST))
    fate[decided >= draws.end] = 2
    status = np.choose(fate, [_LAST[pipeline] - 1, _LAST[pipeline], _FIRST[pipeline]]).astype(np.uint8)
    is_open = fate == 2
    value = (draws.whole(count, 400, np.int64) + 20) * 2_500
    value[draws.chance(count, _NO_VALUE)] = NONE
    money: dict[str, Column] = {
        "value": Whole(value, NONE),
        "value_currency": Constant("USD"),
        "value_period": Coded(draws.codes(count, _PERIOD_SHARES), _PERIODS),
        "confidence": Coded(status, [confidence for _, _, confidence in scene.reference.stages]),
    }
    closed_on = np.where(is_open, created // DAY + _EXPECTED_DAYS, decided // DAY).astype(np.int32)
    updated = np.where(is_open, draws.updated(created), decided)
    owner, users = leads.owner[lead], scene.reference.users
    stored: dict[str, Column] = {
        "id": Own(scene.opportunities),
        "lead_id": Reference(lead, scene.leads),
        "user_id": Coded(owner, users),
        "status_id": Coded(status, [row_id for row_id, _, _ in scene.reference.stages]),
        **money,
        "date_won": Days(closed_on),
        "date_lost": Stamps(np.where(fate == 1, decided, NONE)),
        "created_by": Coded(owner, users),
        "updated_by": Coded(owner, users),
        "date_created": Stamps(created),
        "date_updated": Stamps(updated),
    }
    part = Part(scene.opportunities, created, updated, lead, stored, _shown(scene, status, owner))
    changed = np.flatnonzero(~is_open)
    changed = changed[np.argsort(decided[changed], kind="stable")].astype(np.int32)
    picked: dict[str, Column] = {name: _At(column, changed) for name, column in money.items()}
    changes = _changes(scene, changed, (lead, owner, decided, _FIRST[pipeline], status), picked)
    return part, changes


def _shown(scene: Scene, status: Array, owner: Array) -> dict[str, Column]:
    shown: dict[str, Column] = {
        name: Live(status, lambda field=field: scene.stages(field))  # type: ignore[misc]
        for name, field in (
            ("status_label", "label"),
            ("status_display_name", "label"),
            ("status_type", "type"),
            ("pipeline_id", "pipeline_id"),
        )
    }
    return shown | {
        "organization_id": Constant(scene.reference.organization),
        "contact_id": Constant(None),
        "user_name": Live(owner, scene.user_names),
    }


def _changes(scene: Scene, which: Array, columns: tuple[Array, ...], money: dict[str, Column]) -> Part:
    """Return the changes from an opportunity's first status to its last."""
    lead, owner, at, old, new = (column[which] for column in columns)
    places = [(pipeline, label, kind) for pipeline, stages in PIPELINES.items() for label, kind, _ in stages]
    ids = [row_id for row_id, _, _ in scene.reference.stages]
    pipeline_ids = scene.stages("pipeline_id")
    fields: dict[str, Column] = {"opportunity_id": Reference(which, scene.opportunities)}
    for side, codes in (("old", old), ("new", new)):
        fields |= {
            f"{side}_status_id": Coded(codes, ids),
            f"{side}_status_label": Coded(codes, [label for _, label, _ in places]),
            f"{side}_status_type": Coded(codes, [kind for _, _, kind in places]),
            f"{side}_pipeline_id": Coded(codes, pipeline_ids),
            f"{side}_pipeline_name": Coded(codes, [name for name, _, _ in places]),
        }
    fields |= {f"opportunity_{name}": column for name, column in money.items()}
    return scene.activity(
        "OpportunityStatusChange", PackedIds("acti", scene.spec.seed + 2_000_003), lead, owner, at, at, fields
    )


class _At:
    """A column of another kind's rows, by their places."""

    def __init__(self, column: Column, places: Array) -> None:
        self._column = column
        self._places = places

    def values(self, at: Array) -> list[object]:
        """Return the other rows' values."""
        return self._column.values(self._places[at])
