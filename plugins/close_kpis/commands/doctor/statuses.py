"""Which lead statuses mean trial, customer, churned and lost: by their names, held against how leads move."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.commands.doctor import words
from close_kpis.commands.doctor.proposal import Decision, named, quoted, share

if TYPE_CHECKING:
    from close_kpis.close.reference import Row
    from close_kpis.commands.doctor.sample import Account

FEW = 5
"""Changes into a status below which they say nothing about it."""
MOSTLY = 0.5
ROLES = ("trial", "customer", "churned", "lost")


@dataclass(frozen=True)
class Flow:
    """How leads move between statuses, as far as it was looked at.

    Attributes:
        moves: changes by (old status id, new status id).
        labels: of all the statuses in them, deleted ones too.
    """

    moves: Counter[tuple[str | None, str | None]]
    labels: dict[str, str]

    def into(self, status_id: str) -> int:
        """Return the changes into a status."""
        return sum(count for (_, new), count in self.moves.items() if new == status_id)

    def between(self, old_ids: set[str], new_ids: set[str]) -> int:
        """Return the changes from any of some statuses into any of others."""
        return sum(count for (old, new), count in self.moves.items() if old in old_ids and new in new_ids)


def read_flow(account: Account) -> Flow:
    """Count the changes of the sample."""
    labels: dict[str, str] = {}
    moves: Counter[tuple[str | None, str | None]] = Counter()
    for change in account.rows("lead_status_changes"):
        old, new = change["old_status_id"], change["new_status_id"]
        moves[old, new] += 1
        labels |= {key: change[f"{side}_status_label"] or key for side, key in (("old", old), ("new", new)) if key}
    labels |= {row["id"]: row["label"] or row["id"] for row in account.rows("lead_statuses")}
    return Flow(moves, labels)


def decide_statuses(account: Account) -> list[Decision]:
    """Return a decision for each role, and for what makes a customer."""
    statuses, flow = account.rows("lead_statuses"), read_flow(account)
    by_name = {row["id"]: role_by_name(row["label"] or "") for row in statuses}
    customers = {status_id for status_id, role in by_name.items() if role == "customer"}
    found: dict[str, list[str]] = {role: [] for role in ROLES}
    reasons: dict[str, list[str]] = {role: [] for role in ROLES}
    open_: dict[str, list[str]] = {role: [] for role in ROLES}
    for row in statuses:
        name, role = named(statuses, row, "label"), by_name[row["id"]]
        doubt = _doubt(row, name, role, flow, customers)
        if doubt:
            open_[doubt[0]].append(doubt[1])
        elif role in ROLES:
            found[role].append(name)
            reasons[role].append(_reason(row, name, role, flow, customers))
    _add_missing(open_, found, statuses, flow, customers)
    _add_deleted(open_, statuses, flow)
    decisions = [
        Decision(f"lead_statuses.{role}", found[role], " ".join(reasons[role]), tuple(open_[role])) for role in ROLES
    ]
    return [_basis(account, customers, statuses), *decisions]


def role_by_name(label: str) -> str:
    """Return the role that a status's name says; empty where it says none, ``?`` where it says two."""
    is_trial, is_customer = bool(words.TRIAL.search(label)), bool(words.CUSTOMER.search(label))
    has_ended = bool(words.ENDED.search(label))
    if is_trial:
        return "?" if has_ended or words.LOST.search(label) else "trial"
    if is_customer and has_ended:
        return "churned"
    if is_customer:
        return "" if words.NOT_YET.search(label) else "customer"
    if words.CHURNED.search(label):
        return "churned"
    return "lost" if words.LOST.search(label) else ""


def _doubt(row: Row, name: str, role: str, flow: Flow, customers: set[str]) -> tuple[str, str] | None:
    """Return which role a status may have and why that is not certain; None where nothing speaks against its name."""
    entries = flow.into(row["id"])
    from_customers = flow.between(customers, {row["id"]})
    seen = f"{share(from_customers, entries)} changes into it come from a customer status"
    leaves_customers = bool(customers) and entries >= FEW and from_customers >= MOSTLY * entries
    if role == "?":
        return "lost", f"'{name}' names a trial and its end: lost, trial, or nothing special? {seen}."
    if role == "churned" and customers and entries >= FEW and not leaves_customers:
        return "churned", f"'{name}' is named like a status of former customers, but only {seen}: churned, or lost?"
    if role in {"lost", ""} and row["id"] not in customers and leaves_customers:
        like = "is named like a lost lead's" if role else "says nothing by its name"
        return "churned", f"'{name}' {like}, but {seen}: churned?"
    return None


def _reason(row: Row, name: str, role: str, flow: Flow, customers: set[str]) -> str:
    entries = flow.into(row["id"])
    if entries < FEW:
        return f"'{name}': by its name only, {entries} changes into it were seen."
    if role == "trial":
        onward, all_in = flow.between({row["id"]}, customers), sum(flow.into(one) for one in customers)
        return f"'{name}': by its name; {share(onward, all_in)} changes into a customer status come from it."
    if role == "customer":
        return f"'{name}': by its name; {entries:,} changes into it were seen."
    from_customers = share(flow.between(customers, {row["id"]}), entries)
    return f"'{name}': by its name; {from_customers} changes into it come from a customer status."


def _add_missing(
    open_: dict[str, list[str]], found: dict[str, list[str]], statuses: list[Row], flow: Flow, customers: set[str]
) -> None:
    """Say which roles no status was found for, and what comes closest."""
    names = {row["id"]: named(statuses, row, "label") for row in statuses}
    if not found["customer"]:
        all_names = quoted(sorted(names.values()))
        open_["customer"].append(
            f"no status is named like a customer's; without one there are no customers. The account has {all_names}."
        )
    if not found["trial"]:
        before = Counter({names[old]: n for old in names if (n := flow.between({old}, customers))})
        total = sum(flow.into(one) for one in customers)
        near = "; ".join(f"'{name}' comes before {share(n, total)}" for name, n in before.most_common(3))
        what = f" Of the changes into a customer status, {near}." if near else ""
        open_["trial"].append(
            f"no status is named like a trial; New trials stays 0 unless you name one.{what} "
            f"The account has {quoted(sorted(names.values()))}."
        )
    if not found["churned"] and not open_["churned"]:
        open_["churned"].append(
            "no status is named like a former customer's. Leads that leave the customer status still count as churned; "
            "the role only credits cancelled leads to reps."
        )


def _add_deleted(open_: dict[str, list[str]], statuses: list[Row], flow: Flow) -> None:
    """Say which statuses only the history still names."""
    present = {row["id"] for row in statuses}
    for status_id, label in sorted(flow.labels.items()):
        role = role_by_name(label)
        if status_id not in present and role in ROLES:
            open_[role].append(
                f"'{label}' ({status_id}) was deleted in Close, but histories still name it: add it if it meant {role}."
            )


def _basis(account: Account, customers: set[str], statuses: list[Row]) -> Decision:
    """Decide what makes a customer, and hold it against the leads with won recurring deals."""
    winners = {
        deal["lead_id"]
        for deal in account.rows("opportunities")
        if deal["status_type"] == "won" and deal["value_period"] in {"monthly", "annual"}
    }
    status_of = {lead["id"]: lead["status_id"] for lead in account.rows("leads") if lead["id"] in winners}
    if customers:
        inside = sum(1 for status_id in status_of.values() if status_id in customers)
        return Decision(
            "customer_basis",
            "lead_status",
            f"There is a customer status; {share(inside, len(status_of))} sampled leads with a won recurring "
            "opportunity are in it now.",
        )
    labels = {row["id"]: named(statuses, row, "label") for row in statuses}
    now = Counter(labels.get(status_id or "", str(status_id)) for status_id in status_of.values()).most_common(3)
    where = "; ".join(f"'{name}' {share(count, len(status_of))}" for name, count in now) or "none was seen"
    return Decision(
        "customer_basis",
        None,
        open=(
            "lead_status needs a customer status (see lead_statuses); opportunity counts leads with a won monthly or "
            f"annual opportunity instead. Sampled leads with such a win are now in: {where}.",
        ),
    )
