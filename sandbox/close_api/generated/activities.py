"""Calls, e-mails, meetings, notes and SMS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sandbox.close_api.generated.columns import Array, Coded, Column, Constant, Stamps, Whole
from sandbox.close_api.generated.draws import SECOND, Draws
from sandbox.close_api.generated.packed import PackedIds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.close_api.generated.scene import Leads, Scene
    from sandbox.close_api.generated.table import Part

SHARES = (("Call", 0.38), ("Email", 0.44), ("Meeting", 0.08), ("Note", 0.06), ("SMS", 0.04))
"""``_type`` -> its part of the activities."""

_HOUR = 3_600 * SECOND
_TITLES = ("Demo", "Kick-off", "Product demo", "Check-in", "Quarterly review")


def draw(scene: Scene, leads: Leads) -> Iterator[Part]:
    """Yield the activities of an account, a part for each type."""
    left = scene.spec.activities
    for number, (kind, share) in enumerate(SHARES):
        is_last = number == len(SHARES) - 1
        count = left if is_last else min(left, round(scene.spec.activities * share))
        left -= count
        draws = Draws(scene.spec, kind)
        lead, created = scene.on_leads(draws, leads, count)
        updated = draws.updated(created)
        happened = created + draws.wait(count, 3) // _HOUR * _HOUR if kind == "Meeting" else None
        fields = _FIELDS[kind](scene, draws, created if happened is None else happened)
        ids = PackedIds("acti", scene.spec.seed + 3_000_003 + number)
        yield scene.activity(kind, ids, lead, leads.owner[lead], created, updated, fields, happened)


def _call(scene: Scene, draws: Draws, at: Array) -> dict[str, Column]:
    answered = draws.chance(len(at), 0.45)
    duration = np.where(answered, draws.whole(len(at), 1_200), 0).astype(np.int32)
    return {
        "direction": Coded(draws.codes(len(at), (0.8, 0.2)), ("outbound", "inbound")),
        "status": Constant("completed"),
        "disposition": Coded(answered.astype(np.uint8), ("no-answer", "answered")),
        "duration": Whole(duration),
        "outcome_id": Constant(None),
        "note": Constant(""),
    }


def _email(scene: Scene, draws: Draws, at: Array) -> dict[str, Column]:
    incoming = draws.chance(len(at), 0.3).astype(np.uint8)
    return {
        "direction": Coded(incoming, ("outgoing", "incoming")),
        "status": Coded(incoming, ("sent", "inbox")),
        "subject": Constant("About your account"),
        "body_text": Constant("Hello, a short word about your account. " * 8),
        "date_sent": Stamps(at),
        "sequence_id": Constant(None),
        "bulk_email_action_id": Constant(None),
    }


def _meeting(scene: Scene, draws: Draws, at: Array) -> dict[str, Column]:
    held = (at + _HOUR // 2 <= draws.end).astype(np.uint8)
    canceled = draws.chance(len(at), 0.15)
    outcome = np.where(held & ~canceled, draws.codes(len(at), (0.7, 0.2, 0.1)), len(scene.reference.outcomes))
    return {
        "title": Coded(draws.whole(len(at), len(_TITLES), np.uint8), _TITLES),
        "status": Coded(np.where(canceled, 2, held).astype(np.uint8), ("upcoming", "completed", "canceled")),
        "starts_at": Stamps(at),
        "ends_at": Stamps(at + _HOUR // 2),
        "duration": Constant(1_800),
        "outcome_id": Coded(outcome.astype(np.uint8), [*scene.reference.outcomes, None]),
        "source": Constant("calendar"),
    }


def _note(scene: Scene, draws: Draws, at: Array) -> dict[str, Column]:
    return {"note": Constant("Spoke about the next steps.")}


def _sms(scene: Scene, draws: Draws, at: Array) -> dict[str, Column]:
    inbound = draws.chance(len(at), 0.4).astype(np.uint8)
    return {
        "direction": Coded(inbound, ("outbound", "inbound")),
        "status": Coded(inbound, ("sent", "inbox")),
        "text": Constant("See you then!"),
        "date_sent": Stamps(at),
    }


_FIELDS = {"Call": _call, "Email": _email, "Meeting": _meeting, "Note": _note, "SMS": _sms}
