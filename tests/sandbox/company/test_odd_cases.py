from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.company.account import ZONE, instant, local_day

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.company.account import Folder, Row

AS_OF = datetime(2026, 6, 30, tzinfo=UTC)


def statuses(company: Folder, case: str) -> list[str]:
    moves = company.moves[company.case(case)["id"]]
    return [moves[0]["old_status_label"], *(move["new_status_label"] for move in moves)]


def deals(company: Folder, condition: Callable[[Row], bool]) -> list[Row]:
    return [deal for deal in company["opportunities"] if condition(deal)]


def test_deals_have_all_periods_and_states(company: Folder) -> None:
    counted = Counter((deal["value_period"], deal["status_type"]) for deal in company["opportunities"])
    for period in ("monthly", "annual"):
        assert all(counted[period, state] for state in ("active", "won", "lost"))
    assert counted["one_time", "won"] >= 5
    assert {deal["pipeline_name"] for deal in company["opportunities"]} == {
        "New business",
        "Expansion",
        "Renewal",
        "Partnerships",
    }


def test_deals_have_discounts(company: Folder) -> None:
    discounts = Counter(deal.get(company.field("Discount %")) for deal in company["opportunities"])
    assert all(discounts[percent] > 10 for percent in (10, 15, 20))


def test_values_may_be_missing_or_zero(company: Folder) -> None:
    assert deals(company, lambda deal: deal["value"] is None and deal["status_type"] == "won")
    assert deals(company, lambda deal: deal["value"] is None and deal["status_type"] == "active")
    assert deals(company, lambda deal: deal["value"] == 0 and deal["status_type"] == "won")
    assert deals(company, lambda deal: bool(deal["value"]) and deal["value"] % 12 and deal["value"] % 100)


def test_reopened_deals_keep_their_dates(company: Folder) -> None:
    (reopened,) = company.deals_of(company.case("Won, then reopened: date_won stays"))
    assert (reopened["status_type"], reopened["date_won"]) == ("active", "2025-12-10")
    (again,) = company.deals_of(company.case("Lost, then reopened: date_lost stays"))
    assert again["status_type"] == "active"
    assert local_day(again["date_lost"]) == date(2026, 1, 10)
    (won,) = company.deals_of(company.case("Lost, reopened, won"))
    assert (won["status_type"], won["date_won"], bool(won["date_lost"])) == ("won", "2026-02-20", True)


def test_active_deals_have_an_expected_date_or_none(company: Folder) -> None:
    dates = [deal["date_won"] for deal in deals(company, lambda deal: deal["status_type"] == "active")]
    assert None in dates
    assert any(day and day > "2026-06-30" for day in dates)
    assert any(day and day < "2026-06-30" for day in dates)


def test_some_deals_were_won_before_they_were_created(company: Folder) -> None:
    early = [
        deal
        for deal in deals(company, lambda deal: deal["status_type"] == "won" and deal["date_won"] is not None)
        if date.fromisoformat(deal["date_won"]) < local_day(deal["date_created"])
    ]
    assert company.case("Won before it was created")["id"] in {deal["lead_id"] for deal in early}


def test_one_deal_is_won_on_a_day_to_come(company: Folder) -> None:
    (deal,) = deals(company, lambda deal: deal["status_type"] == "won" and (deal["date_won"] or "") > "2026-06-30")
    assert deal["lead_id"] == company.case("Won on a day that is still to come")["id"]


def test_one_win_has_no_date_and_one_a_mistyped_year(company: Folder) -> None:
    (deal,) = deals(company, lambda deal: deal["status_type"] == "won" and deal["date_won"] is None)
    assert deal["lead_id"] == company.case("Won without a date")["id"]
    (deal,) = deals(company, lambda deal: (deal["date_won"] or "9") < "1990")
    assert deal["lead_id"] == company.case("Won in a year that was mistyped")["id"]


def test_an_annual_contract_lapsed(company: Folder) -> None:
    lead = company.case("Annual contract that lapsed: still a customer, never renewed")
    assert lead["status_label"] == "Customer"
    (deal,) = company.deals_of(lead)
    assert (deal["status_type"], deal["value_period"]) == ("won", "annual")
    assert date.fromisoformat(deal["date_won"]) < date(2025, 4, 30)


def test_a_source_has_three_spellings(company: Folder) -> None:
    sources = {lead.get(company.field("Lead source")) for lead in company["leads"]}
    assert {"Website", "website", "  Website "} <= sources


def test_open_deals_are_of_plausible_ages(company: Folder) -> None:
    ages = [
        (AS_OF - instant(deal["date_created"])).days for deal in deals(company, lambda d: d["status_type"] == "active")
    ]
    assert len(ages) >= 30
    assert sorted(ages)[len(ages) // 2] < 60
    assert max(ages) < 300


def test_customers_and_won_deals_need_not_go_together(company: Folder) -> None:
    lead = company.case("Won, but no customer")
    assert lead["status_label"] == "Contacted"
    assert [deal["status_type"] for deal in company.deals_of(lead)] == ["won"]
    lead = company.case("Customer without any deal")
    assert (lead["status_label"], company.deals_of(lead)) == ("Customer", [])
    (deal,) = company.deals_of(company.case("Customer with a one-time deal only"))
    assert (deal["status_type"], deal["value_period"]) == ("won", "one_time")


def test_customers_come_back_with_and_without_a_new_deal(company: Folder) -> None:
    back = ["Potential", "Customer", "Churned", "Customer"]
    assert statuses(company, "Reactivated with a new deal") == back
    assert len(company.deals_of(company.case("Reactivated with a new deal"))) == 2
    assert statuses(company, "Reactivated without a new deal") == back
    assert len(company.deals_of(company.case("Reactivated without a new deal"))) == 1


@pytest.mark.parametrize(
    ("case", "first", "last"),
    [("Churned and returned in one month", -2, -1), ("Joined and left in one month", -2, -1)],
)
def test_two_moves_in_one_month(company: Folder, case: str, first: int, last: int) -> None:
    moves = company.moves[company.case(case)["id"]]
    days = [local_day(moves[number]["activity_at"]) for number in (first, last)]
    assert (days[0].year, days[0].month) == (days[1].year, days[1].month)
    assert {moves[first]["new_status_label"], moves[last]["new_status_label"]} == {"Churned", "Customer"}


def test_moves_at_the_edges_of_months(company: Folder) -> None:
    left = company.moves[company.case("Left at local midnight of the first of a month")["id"]][-1]
    assert instant(left["activity_at"]).astimezone(ZONE) == datetime(2026, 3, 1, tzinfo=ZONE)
    case = "Joined late on a month's last evening: next month in UTC"
    joined = instant(company.moves[company.case(case)["id"]][-1]["activity_at"])
    assert (joined.month, joined.astimezone(ZONE).month) == (10, 9)


def test_status_may_contradict_the_last_change(company: Folder) -> None:
    contradicting = {
        lead["id"]
        for lead in company["leads"]
        if (moves := company.moves.get(lead["id"])) and moves[-1]["new_status_id"] != lead["status_id"]
    }
    assert contradicting == {company.case("The last status change contradicts the status")["id"]}


def test_history_names_a_deleted_status(company: Folder) -> None:
    named = {row["new_status_id"]: row["new_status_label"] for row in company.activities("LeadStatusChange")}
    assert [label for status_id, label in named.items() if status_id not in company.ids["lead_statuses"]] == ["Nurture"]


def test_a_status_change_may_have_no_user_or_stand_for_two(company: Folder) -> None:
    changes = company.activities("LeadStatusChange")
    assert sum(row["user_id"] is None for row in changes) == 1
    assert sum(row["activity_at"] < row["date_created"] for row in changes) == 1


def test_merged_leads_leave_a_merge_and_a_few_rows(company: Folder) -> None:
    merges = {row["source_lead_id"]: row for row in company.activities("LeadMerge")}
    assert Counter(row["merge_status"] for row in merges.values()) == {"completed": 4, "errored": 1}
    gone = {lead_id for lead_id, row in merges.items() if row["merge_status"] == "completed"}
    assert not gone & company.ids["leads"]
    left = Counter(row["_type"] for row in company["activities"] if row["lead_id"] in gone)
    assert left == {"Call": 4, "Meeting": 4, "LeadMerge": 1}
    # A chain: the destination of one merge is the source of another.
    assert sum(row["destination_lead_id"] in gone for row in merges.values()) == 1


def test_event_log_tells_of_a_merge_and_of_a_deletion(company: Folder) -> None:
    (merged,) = [row for row in company["events"] if row["action"] == "merged"]
    assert merged["object_id"] == merged["meta"]["merge_destination_lead_id"]
    deleted = {row["object_id"]: row for row in company["events"] if row["action"] == "deleted"}
    assert merged["meta"]["merge_source_lead_id"] in deleted
    assert len(deleted) == 2
    assert not set(deleted) & company.ids["leads"]


def test_a_user_was_removed_for_good(company: Folder) -> None:
    owners = {deal["user_id"] for deal in company["opportunities"]}
    assert len(owners - company.ids["users"]) == 1


def test_demos_have_every_status(company: Folder) -> None:
    demos = [row for row in company.activities("Meeting") if "demo" in row["title"].lower()]
    counted = Counter(row["status"] for row in demos)
    for status in ("completed", "canceled", "declined-by-lead", "declined-by-org", "upcoming", None):
        assert counted[status], status
    (no_show,) = [row["id"] for row in company["outcomes"] if row["name"] == "No-show"]
    assert sum(row["outcome_id"] == no_show for row in demos) > 10
    assert len(demos) < len(company.activities("Meeting"))


def test_meetings_to_come_are_dated_by_their_start(company: Folder) -> None:
    coming = [row for row in company.activities("Meeting") if row["status"] == "upcoming"]
    assert len(coming) >= 3
    for row in coming:
        assert row["date_created"] == row["starts_at"] == row["activity_at"]
        assert instant(row["date_updated"]) < AS_OF < instant(row["starts_at"])
    by_hand = [row for row in company.activities("Meeting") if row["status"] is None]
    assert {row["source"] for row in by_hand} == {"manual"}
    assert {instant(row["ends_at"]) > AS_OF for row in by_hand} == {True, False}


def test_two_demos_on_one_day(company: Folder) -> None:
    lead_id = company.case("Two demos on one day")["id"]
    days = [local_day(row["starts_at"]) for row in company.activities("Meeting") if row["lead_id"] == lead_id]
    assert len(days) == 2
    assert len(set(days)) == 1


def test_calls_have_every_value_that_the_api_knows(company: Folder) -> None:
    calls = company.activities("Call")
    seen: dict[str, set[str | None]] = defaultdict(set)
    for row in calls:
        for key in ("direction", "status", "disposition", "source"):
            seen[key].add(row[key])
    assert seen["direction"] == {"inbound", "outbound"}
    assert seen["status"] == {
        "created",
        "in-progress",
        "completed",
        "cancel",
        "no-answer",
        "busy",
        "failed",
        "timeout",
    }
    assert seen["disposition"] == {
        "answered",
        "no-answer",
        "vm-answer",
        "vm-left",
        "busy",
        "blocked",
        "error",
        "abandoned",
        None,
    }
    assert seen["source"] == {"Close.io", "External"}
    missed = [row for row in calls if row["user_id"] is None]
    assert len(missed) > 100
    assert {(row["direction"], row["duration"]) for row in missed} == {("inbound", 0)}
    undecided = {(row["direction"], row["duration"] > 0) for row in calls if row["disposition"] is None}
    assert undecided >= {("inbound", True), ("inbound", False), ("outbound", True), ("outbound", False)}


def test_mails_have_every_kind(company: Folder) -> None:
    mails = company.activities("Email")
    kinds = Counter((row["direction"], row["status"]) for row in mails)
    assert set(kinds) == {
        ("outgoing", "sent"),
        ("incoming", "inbox"),
        (None, "draft"),
        ("outgoing", "error"),
        ("outgoing", "scheduled"),
        ("outgoing", "outbox"),
    }
    assert sum(row["sequence_id"] is not None for row in mails) > 100
    assert sum(row["bulk_email_action_id"] is not None for row in mails) > 50
    assert sum(row["date_created"] < row["activity_at"] for row in mails) == 1


def test_synced_mails_are_dated_back(company: Folder) -> None:
    created = {row["id"]: instant(row["date_created"]) for row in company["leads"]}
    late = [
        row
        for row in company.activities("Email")
        if instant(row["date_updated"]) - instant(row["date_created"]) > timedelta(days=1)
    ]
    assert len(late) > 50
    assert sum(instant(row["date_created"]) < created[row["lead_id"]] for row in late) == 2


def test_custom_activities_are_published_drafts_and_dated_back(company: Folder) -> None:
    reports = company.activities("CustomActivity")
    assert {row["status"] for row in reports} == {"draft", "published"}
    assert {row["custom_activity_type_id"] for row in reports} == company.ids["custom_activity_types"]
    assert any(instant(row["date_created"]) - instant(row["activity_at"]) > timedelta(days=7) for row in reports)


def test_tasks_are_done_open_overdue_and_done_twice(company: Folder) -> None:
    completions = Counter(row["task_id"] for row in company.activities("TaskCompleted"))
    assert sum(times == 2 for times in completions.values()) == 1
    done = {row["id"] for row in company["tasks"] if row["is_complete"]}
    assert set(completions) == done
    assert any(not row["is_complete"] and row["date"] < "2026-06-01" for row in company["tasks"])


def test_texts_a_spreadsheet_could_mistake(company: Folder) -> None:
    names = [lead["display_name"] for lead in company["leads"]]
    for start in ('=HYPERLINK("', "+49 ", "-5 %", "@home", "'Quoted", "🚀"):
        assert any(name.startswith(start) for name in names), start
    assert any("\u00a0" in name for name in names)
    assert max(len(name) for name in names) > 250
    assert any("\n" in name and "\t" in name for name in names)
    assert sum(lead["name"] is None for lead in company["leads"]) == 1
    assert names.count("Twin Peaks Coffee") == 2
    sources = Counter(lead.get(company.field("Lead source")) for lead in company["leads"])
    assert all(sources[source] for source in ("unknown", None, "+49 89 5550 0100", "Trade\u00a0fair"))
    assert sum(str(source).startswith("=HYPERLINK") for source in sources) == 1


def test_fields_of_every_kind_are_in_use(company: Folder) -> None:
    owners = Counter(lead.get(company.field("Account owner")) for lead in company["leads"])
    assert owners[None] > 20
    assert any(len(lead.get(company.field("Interested in"), [])) > 1 for lead in company["leads"])
    assert any(company.field("Campaign") in lead for lead in company["leads"])


def test_an_import_made_many_leads_at_one_instant(company: Folder) -> None:
    (at, count), *_ = Counter(lead["date_created"] for lead in company["leads"]).most_common(1)
    assert count == 50
    imported = [lead for lead in company["leads"] if lead["date_created"] == at]
    assert {lead["created_by"] for lead in imported} == {None}
    first = {
        lead["id"]: min(deal["date_won"] or "9" for deal in company.deals_of(lead))
        for lead in imported
        if company.deals_of(lead)
    }
    assert sum(day < local_day(at).isoformat() for day in first.values()) == 16
    assert min(first.values()) > "2023-01"


def test_odd_cases_are_found_by_their_name(company: Folder) -> None:
    assert len(company.by_case) >= 40
    repeated = {case for case, leads in company.by_case.items() if len(leads) > 1}
    assert repeated == {"A name that must stay text", "Two leads of one name"}
