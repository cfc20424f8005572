"""The records behind a number, in plain values: the same as ``python -m close_kpis explain`` tells."""

from __future__ import annotations

import shlex
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.explain.answer import Explainer
from close_kpis.explain.asked import check, find_column, queries_of, question_of
from close_kpis.explain.errors import QuestionError
from close_kpis.explain.wording import heading, total, verdict, words_of
from close_kpis.kpis.registry import load_definitions
from close_kpis.kpis.released import last_computation
from close_kpis.lake.hook import LakeHook
from close_kpis.reporting import PipelineError
from close_kpis.settings.errors import choices
from close_kpis.texts import heading_of, value_of
from close_kpis.ui.page.addresses import web_address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from close_kpis.accounts import Account
    from close_kpis.explain.answer import Listing
    from close_kpis.explain.asked import Asked
    from close_kpis.explain.records import Record

MOST = 500
"""Records of a part that the page shows; ``explain`` lists all of them."""

PATIENCE = 60.0
"""Seconds that a question waits for another one: on a large lake each takes memory and cores that the API server
shares with everything else that it does."""

LINK, HIDDEN = "link", frozenset({"link", "lead_id", "user_id"})

_one_at_a_time = threading.Lock()


class BusyError(PipelineError, RuntimeError):
    """Other questions are being answered."""


@dataclass(frozen=True)
class Row:
    """A record: its values as text, and its lead in Close."""

    values: tuple[str, ...]
    url: str | None


@dataclass(frozen=True)
class Part:
    """Records that count in a number.

    Attributes:
        title: what they are.
        columns: of the records.
        is_number: of each column, whether numbers stand in it.
        rows: the first `MOST` records.
        left_out: how many there are besides.
        total: what they come to.
    """

    title: str
    columns: tuple[str, ...]
    is_number: tuple[bool, ...]
    rows: tuple[Row, ...]
    left_out: int
    total: str


@dataclass(frozen=True)
class DrillDown:
    """The records behind a number.

    Attributes:
        heading: which number.
        note: its definition.
        parts: its records.
        verdict: what they come to, and whether that is what was published.
        agrees: whether it is.
        command: the same from a command line, with all records.
    """

    heading: str
    note: str
    parts: tuple[Part, ...]
    verdict: str
    agrees: bool
    command: str


def drill_down(account: Account, asked: Asked) -> DrillDown:
    """List the records behind a number of an account, from the snapshot that it was computed from.

    Raises:
        QuestionError: there is no such number; with what there is.
        NoMonthError: the month is none.
        BusyError: other questions take too long.
        LakeError: there is no lake, or nothing has been computed.
        SettingsError: kpis.yaml is not possible.
    """
    reports = load_definitions().reports
    if asked.report not in reports:
        raise QuestionError(f"there is no report {asked.report!r}; there are {choices(reports)}")
    column = find_column(asked.report, asked.kpi)
    check(asked)
    lake, queries = LakeHook(account.lake_conn).config, queries_of(asked.report, column)
    with _turn(), last_computation(lake, account.settings_file, queries) as computed:
        question = question_of(computed.con, asked, column)
        answer = Explainer(computed.con, load_definitions()).answer(question)
        words = words_of(question, computed)
        parts = [
            *(_part(listing, "") for listing in answer.over),
            *(_part(listing, f"{answer.under_is}: ") for listing in answer.under),
        ]
        return DrillDown(
            heading=heading(question, computed, words),
            note=words.note(),
            parts=tuple(parts),
            verdict=verdict(question, answer, computed, words),
            agrees=answer.agrees,
            command=_command(account, asked, column),
        )


@contextmanager
def _turn() -> Iterator[None]:
    if not _one_at_a_time.acquire(timeout=PATIENCE):
        raise BusyError("Other numbers are being looked up: load the page again in a minute.")
    try:
        yield
    finally:
        _one_at_a_time.release()


def _part(listing: Listing, before: str) -> Part:
    columns = tuple(column for column in listing.columns if column not in HIDDEN)
    shown = listing.records[:MOST]
    return Part(
        title=f"{before}{listing.part.what}",
        columns=tuple(map(heading_of, columns)),
        is_number=tuple(_is_number(column, shown) for column in columns),
        rows=tuple(_row(record, columns) for record in shown),
        left_out=len(listing.records) - len(shown),
        total=total(listing),
    )


def _row(record: Record, columns: tuple[str, ...]) -> Row:
    values = tuple(value_of(column, record[column]) for column in columns)
    return Row(values, web_address(record.get(LINK)))


def _is_number(column: str, records: list[Record]) -> bool:
    values = [record[column] for record in records if record[column] is not None]
    return bool(values) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _command(account: Account, asked: Asked, column: str) -> str:
    options = ("rep", "source", "age", "pipeline", "stage", "row")
    given = [(name, getattr(asked, name)) for name in options]
    told = [part for name, value in given if value is not None for part in (f"--{name}", str(value))]
    told += ["--account", account.name] if account.name else []
    return shlex.join(["python", "-m", "close_kpis", "explain", asked.report, asked.month, column, *told])
