"""What all kinds of a generated account's rows share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sandbox.close_api.generated.columns import Array, Coded, Column, Constant, Live, Own, Stamps
from sandbox.close_api.generated.columns import Reference as Referring
from sandbox.close_api.generated.packed import PackedIds
from sandbox.close_api.generated.table import Part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.close_api.collection import Collection
    from sandbox.close_api.generated.draws import Draws
    from sandbox.close_api.generated.reference import Reference
    from sandbox.close_api.generated.spec import Generated


@dataclass(frozen=True)
class Leads:
    """What other resources need to know of the leads.

    Attributes:
        part: the leads.
        changes: their status changes.
        created: instants.
        owner: places of the users who own them.
    """

    part: Part
    changes: Part
    created: Array
    owner: Array


class Scene:
    """An account in the making.

    Args:
        spec: its size.
        collections: its small resources, for names that are looked up at the time of reading.
    """

    def __init__(self, spec: Generated, reference: Reference, collections: Mapping[str, Collection]) -> None:
        self.spec = spec
        self.reference = reference
        self.leads = PackedIds("lead", spec.seed)
        self.opportunities = PackedIds("oppo", spec.seed)
        self._collections = collections

    def lead_status_labels(self) -> list[str | None]:
        """Return the lead statuses' labels of now."""
        rows = self._collections["lead_statuses"].rows
        return [rows.get(row_id, {}).get("label") for row_id in self.reference.lead_statuses]

    def user_names(self) -> list[str | None]:
        """Return the users' names of now."""
        found = (self._collections["users"].rows.get(row_id, {}) for row_id in self.reference.users)
        names = ((f"{row.get('first_name') or ''} {row.get('last_name') or ''}".strip(), row) for row in found)
        return [name or row.get("email") for name, row in names]

    def stages(self, field: str) -> list[str | None]:
        """Return a field of the opportunity statuses of now; ``pipeline_id`` is that of their pipeline."""
        now = {
            status["id"]: {**status, "pipeline_id": pipeline["id"]}
            for pipeline in self._collections["pipelines"]
            for status in pipeline.get("statuses") or ()
        }
        return [now.get(row_id, {}).get(field) for row_id, _, _ in self.reference.stages]

    def on_leads(self, draws: Draws, leads: Leads, count: int) -> tuple[Array, Array]:
        """Return places of leads for rows on them, and when the rows were made, oldest first."""
        lead = draws.whole(count, max(1, self.spec.leads))
        created = draws.between(leads.created[lead])
        order = np.argsort(created, kind="stable")
        return lead[order], created[order]

    def activity(
        self,
        kind: str,
        ids: PackedIds,
        lead: Array,
        user: Array,
        created: Array,
        updated: Array,
        fields: Mapping[str, Column],
        happened: Array | None = None,
    ) -> Part:
        """Return the activities of a ``_type``.

        Args:
            kind: the ``_type``.
            ids: of the rows.
            lead: places of their leads.
            user: places of their users.
            created: instants, ascending.
            updated: instants.
            fields: what the type has beside.
            happened: instants of ``activity_at``; None: when they were made.
        """
        users = self.reference.users
        stored: dict[str, Column] = {
            "id": Own(ids),
            "_type": Constant(kind),
            "lead_id": Referring(lead, self.leads),
            "user_id": Coded(user, users),
            "users": Constant([]),
            "created_by": Coded(user, users),
            "updated_by": Coded(user, users),
            "date_created": Stamps(created),
            "date_updated": Stamps(updated),
            "activity_at": Stamps(created if happened is None else happened),
            **fields,
        }
        shown: dict[str, Column] = {
            "organization_id": Constant(self.reference.organization),
            "contact_id": Constant(None),
            "user_name": Live(user, self.user_names),
            "created_by_name": Live(user, self.user_names),
            "updated_by_name": Live(user, self.user_names),
        }
        return Part(ids, created, updated, lead, stored, shown, kind)
