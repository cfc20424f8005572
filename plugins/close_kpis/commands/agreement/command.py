"""The command ``agreement``."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from close_kpis.commands.agreement.compare import (
    Disagreement,
    Figure,
    change_differences,
    customer_figures,
    win_differences,
    win_figures,
)
from close_kpis.commands.agreement.reports import (
    Period,
    period,
    read_customers,
    read_status_changes,
    read_wins,
    summed,
)
from close_kpis.commands.connections import close_config, find_lake
from close_kpis.commands.output import as_csv, as_json, quietly, table
from close_kpis.explain.errors import no_month
from close_kpis.explain.records import lead_link, read
from close_kpis.kpis.released import Computed, last_computation
from close_kpis.lake.sql import statement
from close_kpis.month import month_key, parse_month
from close_kpis.texts import amount

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from close_kpis.close.client import ClientConfig, CloseClient
    from close_kpis.explain.records import Record


@dataclass(frozen=True)
class Agreement:
    """How Close's figures and the published ones compare.

    Attributes:
        figures: both sides of each.
        differences: the records behind those that differ, as far as they can be found.
        notes: what a reader must know to judge.
    """

    figures: list[Figure]
    differences: list[Disagreement]
    notes: list[str]


def agreement(options: argparse.Namespace) -> int:
    """Compare a month with Close's own reports.

    Returns:
        0 when all figures agree, 1 when one does not.

    Raises:
        CommandError: the reports have no such month.
        CloseError: Close does not answer, or the key may not read its reports.
    """
    month = parse_month(options.month)
    with quietly(), last_computation(find_lake(options.lake), options.settings) as computed:
        span = period(month, computed.settings.timezone, computed.as_of)
        if not _rows(computed, "customers", {"month": month}):
            raise no_month(options.month, computed.con)
        found = asyncio.run(_compare(close_config(options.close), computed, span))
        text = _shown(found, computed, span, options.format)
    print(text)
    return 0 if all(figure.agrees for figure in found.figures) else 1


async def _compare(config: ClientConfig, computed: Computed, span: Period) -> Agreement:
    from close_kpis.close.client import CloseClient

    async with CloseClient(config) as client:
        customers = await _customers(client, computed, span)
        wins = await _wins(client, computed, span)
    notes = [*customers.notes, *wins.notes]
    if any(not figure.agrees for figure in (*customers.figures, *wins.figures)):
        notes.append(
            "Close answers as of now, the lake as of its last computation: what changed in between differs until the "
            "next run."
        )
    return Agreement([*customers.figures, *wins.figures], [*customers.differences, *wins.differences], notes)


async def _customers(client: CloseClient, computed: Computed, span: Period) -> Agreement:
    if computed.settings.customer_basis != "lead_status":
        note = "Customers are not compared: customer_basis is opportunity, and Close's report goes by lead status."
        return Agreement([], [], [note])
    statuses = [status_id for status_id, role in computed.settings.lead_status_roles if role == "customer"]
    organization_id = computed.con.execute(statement("stored.organization_id")).fetchall()[0][0]
    close = await read_customers(client, organization_id, statuses, span)
    figures = customer_figures(close, _rows(computed, "customers", {"month": span.month})[0])
    if all(figure.agrees for figure in figures):
        return Agreement(figures, [], [])
    changes = _rows(computed, "status_changes", {"start": span.start, "end": span.end})
    differences = change_differences(
        await read_status_changes(client, span), {row["id"]: row["lead_id"] for row in changes}
    )
    mismatches = [
        Disagreement(row["lead_id"], row["lead_id"], f"status not explained by its history: {row['detail']}")
        for row in _rows(computed, "status_mismatches", {})
    ]
    note = "Merged leads and changes before the month can differ, too: Close's report names no leads."
    return Agreement(figures, [*differences, *mismatches], [note])


async def _wins(client: CloseClient, computed: Computed, span: Period) -> Agreement:
    totals, close = await read_wins(client, span)
    ours = {row["id"]: row for row in _rows(computed, "wins", {"month": span.month})}
    published = _rows(computed, "published_wins", {"month": span.month})[0]["won_opportunities"]
    counted = sum(1 for row in ours.values() if row["is_counted"])
    figures = win_figures(totals, summed(ours.values()))
    figures.append(Figure("Those that count, as published", counted, published))
    note = f"{len(ours) - counted} of them count in no report: of ignored pipelines or deleted leads."
    return Agreement(figures, win_differences(close, ours), [note])


def _rows(computed: Computed, name: str, parameters: Mapping[str, object]) -> list[Record]:
    return read(computed.con, f"agreement.{name}", parameters)[1]


def _shown(found: Agreement, computed: Computed, span: Period, form: str) -> str:
    figures = [{**asdict(figure), "difference": figure.close - figure.ours} for figure in found.figures]
    records = [{**asdict(one), "link": lead_link(one.lead_id)} for one in found.differences]
    if form == "json":
        return as_json({"month": span.month, "figures": figures, "differences": records, "notes": found.notes})
    if form == "csv":
        return as_csv(["what", "unit", "close", "ours", "difference"], figures)
    agree, currency = all(figure.agrees for figure in found.figures), computed.settings.currency
    parts = [
        f"{month_key(span.month)}, as of {computed.as_of:%Y-%m-%d %H:%M} UTC",
        table(["what", "close", "ours", "difference"], [_readable(figure, currency) for figure in figures]),
        *([table(["record", "what", "link"], records)] if records else []),
        "\n".join(found.notes),
        "All figures agree." if agree else "SOME FIGURES DIFFER.",
    ]
    return "\n\n".join(part for part in parts if part)


def _readable(figure: Record, currency: str) -> Record:
    """Return a figure as people read it: an amount in the currency, a count as it is."""
    is_amount = figure["unit"] == "cents"
    shown = {key: amount(figure[key]) if is_amount else f"{figure[key]:,}" for key in ("close", "ours", "difference")}
    return {**shown, "what": f"{figure['what']} ({currency})" if is_amount else figure["what"]}
