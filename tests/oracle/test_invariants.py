"""What must hold for every account, whatever its numbers are."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracle.account import read_account
from tests.oracle.compare import differences, lake_tables
from tests.oracle.profile import examples, in_folder
from tests.oracle.strategies import accounts
from tests.support.lake import FreshLakes, lake_from_account

if TYPE_CHECKING:
    from pathlib import Path

    from tests.oracle.compare import Tables
    from tests.oracle.strategies import MadeAccount

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> FreshLakes:
    return FreshLakes(tmp_path_factory.mktemp("lake"))


def computed(lakes: FreshLakes, made: MadeAccount) -> Tables:
    found: list[Tables] = []

    def compute(folder: Path) -> None:
        with lake_from_account(lakes.fresh(), folder, folder / "kpis.yaml", made.as_of, made.deleted) as con:
            found.append(lake_tables(con))

    in_folder(made, compute)
    return found[0]


def told(made: MadeAccount, **settings: Any) -> MadeAccount:
    """The account under other settings; None leaves a key out."""
    given_ = {key: value for key, value in {**made.settings, **settings}.items() if value is not None}
    return replace(made, settings=given_)


def test_shares_of_customers_lie_between_0_and_1(lakes: FreshLakes) -> None:
    @examples(6)
    @given(accounts())
    def holds(made: MadeAccount) -> None:
        tables = computed(lakes, made)
        shares = [row["customer_retention_12m"] for row in tables["mrr_movements_monthly"]]
        shares += [row["churn_rate"] for row in tables["growth_yearly"] if row["row_kind"] == "year"]
        assert all(share is None or 0 <= share <= 1 for share in shares)

    holds()


def test_order_of_the_rows_changes_nothing(lakes: FreshLakes) -> None:
    @examples(5)
    @given(accounts(), st.integers(0, 1000))
    def holds(made: MadeAccount, seed: int) -> None:
        dice = Random(seed)
        ordered = ("lead_statuses", "pipelines")
        files = {name: rows if name in ordered else dice.sample(rows, len(rows)) for name, rows in made.files.items()}
        assert differences(computed(lakes, replace(made, files=files)), computed(lakes, made)) == []

    holds()


def test_merging_sources_changes_no_total(lakes: FreshLakes) -> None:
    @examples(5)
    @given(accounts())
    def holds(made: MadeAccount) -> None:
        apart = computed(lakes, told(made, source_aliases=None))
        merged = computed(lakes, told(made, source_aliases={"One": ["Webinar", "unknown", "Referral", "web"]}))
        assert merged["source_total"] == apart["source_total"]
        assert len(merged["source_all_time"]) <= len(apart["source_all_time"])
        assert merged["growth_monthly"] == apart["growth_monthly"]

    holds()


def test_naming_an_import_day_leaves_the_customers_after_it(lakes: FreshLakes) -> None:
    """For leads whose changes all come after their creation, which is when an import makes a history up."""

    @examples(8)
    @given(accounts(), st.integers(0, 1000))
    def holds(made: MadeAccount, number: int) -> None:
        def check(folder: Path) -> None:
            plain = told(made, import_days=None)
            account = read_account(folder, (folder / "kpis.yaml").read_text(), made.as_of, made.deleted)
            days = sorted({account.local(lead.created) for lead in account.leads.values() if lead.created})
            if not days:
                return
            day = days[number % len(days)]
            imported = [lead for lead in account.leads.values() if lead.created and account.local(lead.created) == day]
            if any(
                change.at and lead.created and change.at < lead.created
                for lead in imported
                for change in account.status_changes.get(lead.id, [])
            ):
                return
            before, after = computed(lakes, plain), computed(lakes, told(made, import_days=[day.isoformat()]))
            customers = {row["month"]: row["total_customers"] for row in before["growth_monthly"]}
            for row in after["growth_monthly"]:
                if row["month"] >= day.replace(day=1) and made.settings["customer_basis"] == "lead_status":
                    assert row["total_customers"] == customers[row["month"]]

        in_folder(made, check)

    holds()
