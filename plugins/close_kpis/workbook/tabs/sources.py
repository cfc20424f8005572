"""The Sources tab: lead sources ranked by total ARR, then by the month in which the leads were created."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from close_kpis.kpis.insights import wilson_interval
from close_kpis.workbook.diff.rectangles import rectangles
from close_kpis.workbook.spec import (
    EMPTY,
    Area,
    Cell,
    Chart,
    Format,
    Formula,
    Reference,
    Row,
    Scale,
    Series,
    Source,
    Tab,
)
from close_kpis.workbook.tables import Record, Tables, records
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.inputs import SPEND, column
from close_kpis.workbook.tabs.matrix import Months, last_months, matrix
from close_kpis.workbook.tabs.parts import (
    COMMENTS_WIDTH,
    HEAD_HEIGHTS,
    NO_SOURCE,
    Context,
    blank_rows,
    comments_header,
    head,
    header,
    kpi_cells,
    labels,
)

if TYPE_CHECKING:
    from datetime import date

    from close_kpis.kpis.registry import Kpi

COHORT_COLUMNS = ("total_leads", "lead_conversion")
HEAD_ROWS = 4
_LEFT = 2
SHARE_HEAD = ("Share of total ARR", "Total ARR of the source over that of all.")
SPEND_HEADS = (
    ("Spend", "What the tab Spend says, of all its months."),
    ("Cost per won account", "Spend over the accounts won: of the source's recurring wins, of all time."),
    ("Payback in months", "How many months of the ARR won pay the spend back."),
    ("ARR won per unit of spend", "Annual value won, of all time, for each unit of currency that was spent."),
)
LEAST_DECIDED, LEAST_LEADS = 10, 20
"""From how many decided deals, and leads, on a source's rates are shaded."""
MOST_IN_CHART = 10
_CHART_ROWS = 17
MOST_IN_COHORTS = 15


def sources_tab(tables: Tables, context: Context) -> Tab:
    """Return the Sources tab.

    Ranked by total ARR, because that is what a source has brought in; equal ones by won deals, then by leads.

    Args:
        tables: the KPI tables.
        context: texts, stamp, currency.
    """
    kpis = list(context.definitions.reports["sources"].kpis.items())
    legend = (
        f"All time, ranked by total ARR. Money in {context.currency}. (none): the lead has no source. "
        f"Shaded from {LEAST_DECIDED} decided deals and {LEAST_LEADS} leads on. Empty: not defined. "
        "Point at a heading for its definition, follow it to the records."
    )
    rows = head("Sources", legend, context)
    more_heads = (Cell(text, styles.HEADER, note=note) for text, note in (SHARE_HEAD, *SPEND_HEADS))
    rows.append((*labels(("#", "Source")), *(header(kpi) for _, kpi in kpis), *more_heads, comments_header()))
    comments = len(rows[-1]) - 1
    columns = [name for name, _ in kpis]
    ranked = sorted(records(tables.source_all_time), key=_rank_key)
    total = next(iter(records(tables.source_total)), None)
    total_at = len(rows) + len(ranked)
    for rank, record in enumerate(ranked, start=1):
        look = styles.BODY if record["source"] != NO_SOURCE else styles.BODY.but(italic=True, color=styles.MUTED)
        line = _row(rank, record["source"], record, kpis, look, context)
        share = _share(len(rows), total_at, record, total, columns, look)
        rows.append((*line, share, *_spend(len(rows), columns, look, context)))
    if total:
        share = _share(total_at, total_at, total, total, columns, styles.TOTAL)
        rows.append((*_row(None, "Total", total, kpis, styles.TOTAL, context), share))
    rows.append((EMPTY, Cell(_advice(total or {}, ranked), styles.SENTENCE)))
    charts = _charts(kpis, len(ranked), len(rows) + 1)
    rows += blank_rows(_CHART_ROWS + 2 if charts else 2)
    rows += _cohorts(tables, [record["source"] for record in ranked][:MOST_IN_COHORTS], context)
    return Tab(
        key="sources",
        title="Sources",
        rows=tuple(rows),
        widths=(36, 180, *(86 for _ in kpis), 86, *(86 for _ in SPEND_HEADS), COMMENTS_WIDTH),
        heights=(*HEAD_HEIGHTS, 46),
        frozen_rows=HEAD_ROWS,
        frozen_columns=_LEFT,
        rules=_scales(kpis, ranked),
        charts=charts,
        color=styles.SERIES[1],
        header=HEAD_ROWS - 1,
        labels=(1,),
        comments=comments,
    )


def _rank_key(record: Record) -> tuple[float, float, float, str]:
    return (
        -(record["total_arr_cents"] or 0),
        -(record["won_opportunities"] or 0),
        -(record["total_leads"] or 0),
        record["source"],
    )


def _row(
    rank: int | None, name: str, record: Record, kpis: list[tuple[str, Kpi]], look: Format, context: Context
) -> Row:
    return (
        Cell(rank, look.but(align="LEFT", color=styles.FAINT, number=styles.WHOLE)),
        Cell(name, look),
        *kpi_cells(record, kpis, look, context),
    )


def _share(row: int, total_at: int, record: Record, total: Record | None, columns: list[str], look: Format) -> Cell:
    """Return the part of all ARR that a source has brought; empty where there is none."""
    at = _LEFT + columns.index("total_arr_cents")
    own, of_all = (Reference(Area(place, at, place + 1, at + 1)) for place in (row, total_at))
    share = record["total_arr_cents"] / total["total_arr_cents"] if total and total["total_arr_cents"] else None
    formula = Formula('IFERROR({0}/{1};"")', (own, of_all)) if total else None
    return Cell(share, look.but(number=styles.PERCENT), formula=formula)


def _cohorts(tables: Tables, sources: list[str], context: Context) -> list[Row]:
    """Return leads and their conversion by source and month of creation, for the largest sources."""
    months = last_months(records(tables.growth_monthly))
    by_source: dict[str, dict[date, Record]] = defaultdict(dict)
    for record in records(tables.source_monthly):
        by_source[record["source"]][record["cohort_month"]] = record
    names = [(source, by_source[source]) for source in sources]
    rows: list[Row] = []
    for name in COHORT_COLUMNS:
        kpi = context.definitions.kpi("sources", name)
        rows += matrix(kpi, name, names, None, _all_equal(months), context, "Source")
        rows += blank_rows(1)
    hint = "By the month in which the lead was created. The newer a month, the less time its leads have had to be won."
    return [*rows, (Cell(hint, styles.STAMP),)]


def _all_equal(months: Months) -> Months:
    """Cohorts of the running month are not to date in another way than the others are: all are."""
    return Months(months.days, None)


def _scales(kpis: list[tuple[str, Kpi]], ranked: list[Record]) -> tuple[Scale, ...]:
    """Shade the two conversion columns from the lowest to the highest source.

    Sources with few leads or deals stay white: 1 of 1 is no 100 % to compare with. So does the total.
    """
    decided = [(record["won_opportunities"] or 0) + (record["lost_opportunities"] or 0) for record in ranked]
    leads = [record["total_leads"] or 0 for record in ranked]
    columns = [name for name, _ in kpis]
    scales = []
    for name, counts, least in (("win_rate", decided, LEAST_DECIDED), ("lead_conversion", leads, LEAST_LEADS)):
        at = _LEFT + columns.index(name)
        cells = {(HEAD_ROWS + row, at): True for row, count in enumerate(counts) if count >= least}
        if len(cells) > 1:
            areas = tuple(area for area, _ in rectangles(cells))
            scales.append(Scale(areas, styles.SHADE_LOW, styles.SHADE_HIGH))
    return tuple(scales)


def _spend(row: int, columns: list[str], look: Format, context: Context) -> list[Cell]:
    """Return what readers have spent on a source (tab Spend), and what that has come to."""

    def of(name: str) -> Reference:
        at = _LEFT + columns.index(name)
        return Reference(Area(row, at, row + 1, at + 1))

    at = _LEFT + len(columns) + 1
    spent, name = Reference(Area(row, at, row + 1, at + 1)), Reference(Area(row, 1, row + 1, 2))
    lines = '{1};{3};{2};">0";{0};">=0"'
    found = f'IF(COUNTIFS({lines})=0;"";SUMIFS({{0}};{lines}))'
    won, a_deal = of("total_arr_cents"), of("avg_arr_per_won_account_cents")
    money = look.but(number=styles.money(context.currency))
    each = (
        (found, (column(SPEND, 2), column(SPEND, 1), column(SPEND, 0), name), money),
        ('IF({0}="";"";IFERROR({0}*{2}/{1};""))', (spent, won, a_deal), money),
        ('IF({0}="";"";IFERROR({0}*12/{1};""))', (spent, won), look.but(number=styles.TENTH)),
        ('IF({0}="";"";IFERROR({1}/{0};""))', (spent, won), look.but(number=styles.HUNDREDTH)),
    )
    return [Cell(None, shown, formula=Formula(text, references, is_checked=False)) for text, references, shown in each]


def _advice(total: Record, ranked: list[Record]) -> str:
    """Say which source deserves more, with its n; or that it cannot be told."""
    enough = [
        record
        for record in ranked
        if record["won_opportunities"] + record["lost_opportunities"] >= LEAST_DECIDED
        and record["total_leads"] >= LEAST_LEADS
        and record["source"] != NO_SOURCE
    ]
    better = []
    for record in enough:
        won, n = record["won_opportunities"], record["won_opportunities"] + record["lost_opportunities"]
        low, high = wilson_interval(won, n)
        if total.get("win_rate") is not None and low > total["win_rate"]:
            better.append((record["total_arr_cents"] / record["total_leads"], record, n, low, high))
    if not better:
        return (
            f"Which source deserves more? None of the {len(enough)} with {LEAST_DECIDED} decided deals and "
            f"{LEAST_LEADS} leads wins clearly more often than all together."
        )
    a_lead, record, n, low, high = max(better, key=lambda one: one[0])
    of_all = total["total_arr_cents"] / total["total_leads"]
    return (
        f"Which source deserves more? {record['source']}: {record['win_rate']:.0%} of {n} decided deals won "
        f"(95 % interval {low:.0%} to {high:.0%}) against {total['win_rate']:.0%} of all, and "
        f"{a_lead / of_all:.1f} times the ARR a lead."
    )


def _charts(kpis: list[tuple[str, Kpi]], count: int, row: int) -> tuple[Chart, ...]:
    if not count:
        return ()
    end = HEAD_ROWS + min(count, MOST_IN_CHART)
    columns = [name for name, _ in kpis]

    def data(at: int) -> Source:
        return Source("sources", Area(HEAD_ROWS - 1, at, end, at + 1))

    return (
        Chart(
            key="sources/arr",
            title="Total and current ARR by source",
            kind="BAR",
            domain=data(1),
            series=(
                Series(
                    data(_LEFT + columns.index("total_arr_cents")),
                    styles.SERIES[5],
                    kind="BAR",
                    axis="BOTTOM",
                ),
                Series(
                    data(_LEFT + columns.index("current_arr_cents")),
                    styles.SERIES[0],
                    kind="BAR",
                    axis="BOTTOM",
                ),
            ),
            row=row,
            column=_LEFT,
            width=720,
            height=340,
            left_title="ARR",
            description="Total ARR won and current ARR by lead source, the largest first.",
        ),
    )
