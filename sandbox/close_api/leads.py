"""Leads and contacts.

Source: developer.close.com "Leads", "Contacts"; recorded replies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.close_api import lead_query
from sandbox.close_api.account import NESTED_IN_LEAD
from sandbox.close_api.filters import select
from sandbox.close_api.paging import read_page

if TYPE_CHECKING:
    from sandbox.close_api.calls import Call
    from sandbox.close_api.collection import Row
    from sandbox.close_api.context import Context


def leads(context: Context, call: Call) -> Row:
    """Leads by the legacy query. Without ``sort:`` the order shifts from page to page."""
    query = lead_query.parse(call.param("query") or "")
    rows = context.account["leads"]
    found = context.cache.matches(call, rows, lambda: query.run(context.account)).ids
    ids = found
    if not query.is_sorted and not context.config.stable_lead_order:
        ids = lead_query.shifted(found, read_page(call, context.config, "lead").skip)
    reply = context.rows(call, "lead", rows, ids, lambda row: _lead(context, call, row))
    return {**reply, "total_results": len(found)}


def lead(context: Context, call: Call, lead_id: str) -> Row:
    """One lead."""
    return context.one(call, _lead(context, call, context.find("leads", lead_id, "Lead", call.user)))


def contacts(context: Context, call: Call) -> Row:
    """Contacts, newest first."""
    rows = context.account["contacts"]
    found = context.cache.matches(call, rows, lambda: select(rows, lead_ids=call.values("lead_id")))
    return context.rows(call, "contact", rows, found.ids, context.renderer.contact)


def contact(context: Context, call: Call, contact_id: str) -> Row:
    """One contact."""
    return context.one(call, context.renderer.contact(context.find("contacts", contact_id, "Contact", call.user)))


def _lead(context: Context, call: Call, row: Row) -> Row:
    fields = context.fields(call)
    nested = fields is None or not NESTED_IN_LEAD.isdisjoint(fields)
    return context.renderer.lead(row, nested=nested)
