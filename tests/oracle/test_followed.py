"""A lake that follows an account's changes, against the recomputation of the account as it is now."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from close_kpis.kpis.compute import compute
from close_kpis.lake.connection import connect, transaction
from tests.oracle.compare import differences, lake_tables
from tests.oracle.profile import examples, in_folder
from tests.oracle.recompute import recompute
from tests.oracle.strategies import MadeAccount, accounts, smallest
from tests.support.lake import FreshLakes, load_account

if TYPE_CHECKING:
    from pathlib import Path

    from close_kpis.lake.config import LakeConfig

pytestmark = pytest.mark.slow

USUAL = 10

Row = dict[str, Any]


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> FreshLakes:
    return FreshLakes(tmp_path_factory.mktemp("lake"))


def earlier(made: MadeAccount, dice: Random) -> MadeAccount:
    """Return the account as it may have been before: records from some day on are missing or were different."""
    days = sorted(_first_date(row) for row in made.files.get("activities", [])) or [""]
    since = days[int(len(days) * dice.choice((0.0, 0.8, 0.9, 0.95)))]
    share = dice.choice((0.1, 0.5))
    lead_is_old = {row["id"] for row in made.files.get("leads", []) if _first_date(row) < since}

    def was_there(row: Row) -> bool:
        return _first_date(row) < since or row.get("lead_id") in lead_is_old or dice.random() > share

    files = {
        name: [_as_it_was(row, dice, share, since) for row in rows if was_there(row)] if name in _RECORDS else rows
        for name, rows in made.files.items()
    }
    return replace(made, files=files, as_of=made.as_of - timedelta(days=dice.choice((0, 1, 40))), deleted=frozenset())


_RECORDS = ("leads", "opportunities", "activities")


def _first_date(row: Row) -> str:
    """Return the first of a record's dates as text, all of them in UTC."""
    return min(
        row.get(name) or "9999" for name in ("activity_at", "date_created", "starts_at", "date_won", "date_lost")
    )


def _as_it_was(row: Row, dice: Random, share: float, since: str) -> Row:
    if _first_date(row) < since or dice.random() > share:
        return row
    other: Row = {
        "status_id": dice.choice(("stat_customer", "stat_churned", "stat_trial")),
        "status_type": dice.choice(("active", "lost")),
        "pipeline_id": "pipe_ign",
        "value": 4200,
        "custom.cf_source": "Webinar",
        "new_status_id": dice.choice(("stat_customer", "stat_churned")),
        "direction": "inbound",
        "status": "canceled",
        "user_id": "user_bo",
    }
    return {name: other[name] if name in other and dice.random() < 0.5 else value for name, value in row.items()}


def follow(config: LakeConfig, before: MadeAccount, now: MadeAccount, folder: Path) -> list[str]:
    """Compute the account as it was, then as it is; return where the lake differs from the recomputation."""
    settings = now.write(folder / "now") / "kpis.yaml"
    expected = recompute(folder / "now", settings.read_text(), now.as_of, now.deleted)
    with closing(connect(config)) as con:
        with transaction(con, config):
            load_account(con, before.write(folder / "before"), before.as_of)
        compute(config, settings_file=settings)
        with transaction(con, config):
            load_account(con, folder / "now", now.as_of, now.deleted)
        compute(config, settings_file=settings)
        return differences(lake_tables(con), expected)


@pytest.mark.timeout(1800)
def test_a_lake_that_follows_changes_shows_the_account_as_it_is(lakes: FreshLakes) -> None:
    @examples(USUAL)
    @given(accounts(), st.integers(0, 2**32))
    def agrees(made: MadeAccount, seed: int) -> None:
        def disagreements(made: MadeAccount) -> list[str]:
            found: list[str] = []

            def check(folder: Path) -> None:
                found.extend(follow(lakes.fresh(), earlier(made, Random(seed)), made, folder))

            in_folder(made, check)
            return found

        if disagreements(made):
            least = smallest(made, lambda fewer: bool(disagreements(fewer)))
            pytest.fail("\n".join([*disagreements(least), f"seed {seed}", least.shown()]))

    agrees()
