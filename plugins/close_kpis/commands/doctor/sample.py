"""What the doctor looks at: the account's small tables, and the newest pages of some streams."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from close_kpis.close.lists import newest_first
from close_kpis.close.reference import Row, read_reference
from close_kpis.close.registry import STREAMS
from close_kpis.close.search import newest
from close_kpis.close.windows import Window
from close_kpis.settings.account import Named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from close_kpis.close.client import CloseClient

DEEPER = 5
"""How many times as many pages are read of what customers and MRR are made of: a part of these shows a wrong level."""
DEEP = frozenset({"leads", "lead_status_changes", "opportunities"})

SAMPLED = ("lead_status_changes", "opportunities", "meetings", "custom_activities", "task_completions")
"""The lists of which the newest pages are read, besides the leads."""


@dataclass(frozen=True)
class AccountSample:
    """An account as far as the doctor has looked at it.

    Attributes:
        reference: rows of the reference streams, by stream.
        zones: the time zone that each user last used; users without one are left out.
        samples: the newest rows of ``leads`` and of `SAMPLED`, by stream.
        whole: the samples that hold all there is.
        all_leads: how many leads the account has.
        requests: how many requests it took.
    """

    reference: Mapping[str, list[Row]]
    zones: tuple[str, ...] = ()
    samples: Mapping[str, list[Row]] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()
    all_leads: int = 0
    requests: int = 0

    def rows(self, stream: str) -> list[Row]:
        """Return the rows of a reference stream, or the sample of another one."""
        return self.reference[stream] if stream in self.reference else self.samples.get(stream, [])

    def names(self) -> list[Named]:
        """Return what the settings can name."""
        kinds = {
            "lead_status": ("lead_statuses", "label"),
            "pipeline": ("pipelines", "name"),
            "opportunity_status": ("opportunity_statuses", "label"),
            "outcome": ("outcomes", "name"),
            "custom_activity_type": ("custom_activity_types", "name"),
            "custom_field": ("custom_fields", "name"),
        }
        currencies = [Named("currency", row["currency"], None) for row in self.rows("organization") if row["currency"]]
        return [
            *currencies,
            *(
                Named(kind, row["id"], row[label], row.get("object_type"))
                for kind, (stream, label) in kinds.items()
                for row in self.rows(stream)
            ),
        ]


async def read_account(client: CloseClient, pages: int) -> AccountSample:
    """Look at an account; nothing is written.

    Args:
        client: an open client.
        pages: of each stream to read at most, the newest; `DEEPER` times as many of those in `DEEP`.

    Raises:
        CloseError: as for the client.
    """
    reference, users, (leads, total), *lists = await asyncio.gather(
        read_reference(client),
        client.get("/user/", {"_limit": 100, "_fields": "id,last_used_timezone"}),
        newest(client, STREAMS["leads"], pages * DEEPER),
        *(_newest_of_list(client, name, pages * (DEEPER if name in DEEP else 1)) for name in SAMPLED),
    )
    samples = {"leads": [STREAMS["leads"].row(lead) for lead in leads]}
    whole = {"leads"} if len(leads) >= total else set()
    for name, (rows, is_whole) in zip(SAMPLED, lists, strict=True):
        samples[name] = rows
        whole |= {name} if is_whole else set()
    zones = tuple(user["last_used_timezone"] for user in users.get("data", ()) if user.get("last_used_timezone"))
    return AccountSample(reference.rows, zones, samples, frozenset(whole), total, client.requests)


async def _newest_of_list(client: CloseClient, name: str, pages: int) -> tuple[list[Row], bool]:
    """Return the newest rows of a list, and whether they are all."""
    stream = STREAMS[name]
    found: dict[str, Row] = {}
    walk = newest_first(client, stream, Window(None, None))
    try:
        for _ in range(pages):
            page = await anext(walk)
            found |= {obj["id"]: stream.row(obj) for obj in page.objects}
            if page.left is None:
                return list(found.values()), True
    finally:
        await walk.aclose()
    return list(found.values()), False
