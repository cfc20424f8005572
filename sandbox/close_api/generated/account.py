"""A generated account's collections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.close_api.generated import activities, deals, leads
from sandbox.close_api.generated.collection import GeneratedCollection
from sandbox.close_api.generated.reference import Reference
from sandbox.close_api.generated.scene import Scene
from sandbox.close_api.generated.table import Table

if TYPE_CHECKING:
    from sandbox.close_api.collection import Collection
    from sandbox.close_api.generated.spec import Generated


def fill(spec: Generated, collections: dict[str, Collection]) -> None:
    """Load the small resources and put generated collections in the place of the large ones.

    Args:
        spec: how much of what.
        collections: of the account, all empty.
    """
    reference = Reference(spec)
    for name, rows in reference.rows().items():
        collections[name].load(rows)
    scene = Scene(spec, reference, collections)
    made = leads.draw(scene)
    deal, deal_changes = deals.draw(scene, made)
    lead_table = Table([made.part], spec.leads)
    tables = {
        "contacts": [leads.contacts(scene, made)],
        "tasks": [leads.tasks(scene, made)],
        "opportunities": [deal],
        "activities": [*activities.draw(scene, made), made.changes, deal_changes],
    }
    collections["leads"] = GeneratedCollection("leads", lead_table, None)
    for name, parts in tables.items():
        collections[name] = GeneratedCollection(name, Table(parts, spec.leads), lead_table)
