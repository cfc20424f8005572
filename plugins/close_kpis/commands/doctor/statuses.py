"""Which lead statuses mean trial, customer, churned and lost: by their names, held against how leads move and win."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.commands.doctor import words
from close_kpis.commands.doctor.proposal import Decision, Question, Reading, named, quoted, share

if TYPE_CHECKING:
    from close_kpis.close.reference import Row
    from close_kpis.commands.doctor.sample import AccountSample

FEW = 5
"""Changes into a status below which they say nothing about it."""
MOSTLY = 0.5
MANY_WINNERS = 0.2
"""Share of the leads with a won recurring opportunity from which on a status that holds them is hardly `lost`."""
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


def read_flow(account: AccountSample) -> Flow:
    """Count the changes of the sample."""
    labels: dict[str, str] = {}
    moves: Counter[tuple[str | None, str | None]] = Counter()
    for change in account.rows("lead_status_changes"):
        old, new = change["old_status_id"], change["new_status_id"]
        moves[old, new] += 1
        labels |= {key: change[f"{side}_status_label"] or key for side, key in (("old", old), ("new", new)) if key}
    labels |= {row["id"]: row["label"] or row["id"] for row in account.rows("lead_statuses")}
    return Flow(moves, labels)


def decide_statuses(account: AccountSample) -> list[Decision]:
    """Return a decision for each role, and for what makes a customer."""
    statuses, flow = account.rows("lead_statuses"), read_flow(account)
    by_name = {row["id"]: role_by_name(row["label"] or "") for row in statuses}
    customers = {status_id for status_id, role in by_name.items() if role == "customer"}
    found: dict[str, list[str]] = {role: [] for role in ROLES}
    reasons: dict[str, list[str]] = {role: [] for role in ROLES}
    open_: dict[str, list[str]] = {role: [] for role in ROLES}
    churned = {status_id for status_id, role in by_name.items() if role == "churned"}
    winners = read_winners(account, customers, churned)
    basis = _basis(winners, customers, statuses)
    lost_winners: dict[str, int] = {}
    doubts: list[tuple[str, str, str]] = []
    for row in statuses:
        name, role = named(statuses, row, "label"), by_name[row["id"]]
        doubt = _doubt(row, name, role, flow, customers)
        won = winners.now_in[row["id"]]
        if role == "lost" and basis.value == "opportunity" and won >= MANY_WINNERS * winners.count > 0:
            lost_winners[name] = won
        elif doubt:
            doubts.append((*doubt, name))
        elif role in ROLES:
            found[role].append(name)
            reasons[role].append(_reason(row, name, role, flow, customers))
    questions: dict[str, list[Question]] = {role: [] for role in ROLES}
    for role, text, name in doubts:
        questions[role].append(_doubtful(text, name, found, basis))
    _add_missing(open_, found, statuses, flow, customers, has_doubts=bool(questions["churned"]))
    for role, text, status_id in _deleted(statuses, flow):
        questions[role].append(_doubtful(text, status_id, found, basis, "customer" if role == "customer" else ""))
    if not found["customer"]:
        questions["customer"].append(_no_customer_status(winners, statuses))
    for name, count in lost_winners.items():
        questions["lost"].append(_lost_winners(name, count, winners, found["lost"]))
    return [
        basis,
        *(
            Decision(
                f"lead_statuses.{role}",
                found[role],
                " ".join(reasons[role]),
                tuple(open_[role]),
                tuple(questions[role]),
            )
            for role in ROLES
        ),
    ]


def role_by_name(label: str) -> str:
    """Return the role that a status's name says; empty where it says none, ``?`` where it says two."""
    is_trial, is_customer = words.says(words.TRIAL, label), words.says(words.CUSTOMER, label)
    has_ended = words.says(words.ENDED, label)
    if is_trial:
        return "?" if has_ended or words.says(words.LOST, label) else "trial"
    if is_customer and has_ended:
        return "churned"
    if is_customer:
        return "" if words.says(words.NOT_YET, label) else "customer"
    if words.says(words.CHURNED, label):
        return "churned"
    return "lost" if words.says(words.LOST, label) else ""


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


def _doubtful(text: str, name: str, found: dict[str, list[str]], basis: Decision, role: str = "") -> Question:
    """Return the question of what a status means, with readings where customers or MRR depend on it."""
    meant = (role,) if role else ("churned", "lost") if basis.value == "opportunity" else ()
    readings = [Reading(f"as {one}", {f"lead_statuses.{one}": [*found[one], name]}) for one in meant]
    return Question(text, (*readings, Reading("as nothing special", {})) if readings else ())


def _add_missing(
    open_: dict[str, list[str]],
    found: dict[str, list[str]],
    statuses: list[Row],
    flow: Flow,
    customers: set[str],
    *,
    has_doubts: bool,
) -> None:
    """Say which roles no status was found for, and what comes closest."""
    names = {row["id"]: named(statuses, row, "label") for row in statuses}
    if not found["trial"]:
        before = Counter({names[old]: n for old in names if (n := flow.between({old}, customers))})
        total = sum(flow.into(one) for one in customers)
        near = "; ".join(f"'{name}' comes before {share(n, total)}" for name, n in before.most_common(3))
        what = f" Of the changes into a customer status, {near}." if near else ""
        open_["trial"].append(
            f"no status is named like a trial; New trials stays 0 unless you name one.{what} "
            f"The account has {quoted(sorted(names.values()))}."
        )
    if not found["churned"] and not has_doubts:
        open_["churned"].append(
            "no status is named like a former customer's. Leads that leave the customer status still count as churned; "
            "the role only credits cancelled leads to reps."
        )


def _deleted(statuses: list[Row], flow: Flow) -> list[tuple[str, str, str]]:
    """Return the role, a sentence and the id of statuses that only the history still names."""
    present = {row["id"] for row in statuses}
    return [
        (role, f"'{label}' ({one}) was deleted in Close, but histories still name it: add it if it meant {role}.", one)
        for one, label in sorted(flow.labels.items())
        if one not in present and (role := role_by_name(label)) in ROLES
    ]


@dataclass(frozen=True)
class Winners:
    """Leads with a won recurring opportunity, as far as they were seen.

    Attributes:
        now_in: how many are in each status now, by id.
        customers: how many are or were in a customer status.
        former: how many of the others are in a status of former customers, whose time as customers was not seen.
    """

    now_in: Counter[str]
    customers: int
    former: int

    @property
    def count(self) -> int:
        """How many there are."""
        return self.now_in.total()


def read_winners(account: AccountSample, customers: set[str], churned: set[str]) -> Winners:
    """Count the sampled leads with a won monthly or annual opportunity by where they are and were.

    Args:
        account: what was looked at.
        customers: statuses named like customers', by id.
        churned: those named like former customers'.
    """
    won = {
        deal["lead_id"]
        for deal in account.rows("opportunities")
        if deal["status_type"] == "won" and deal["value_period"] in {"monthly", "annual"}
    }
    now = {lead["id"]: lead["status_id"] or "" for lead in account.rows("leads") if lead["id"] in won}
    ever = {lead_id for lead_id, status_id in now.items() if status_id in customers} | {
        change["lead_id"]
        for change in account.rows("lead_status_changes")
        if customers & {change["old_status_id"], change["new_status_id"]}
    }
    former = {lead_id for lead_id, status_id in now.items() if status_id in churned} - ever
    return Winners(Counter(now.values()), len(now.keys() & ever), len(former))


def _basis(winners: Winners, customers: set[str], statuses: list[Row]) -> Decision:
    """Decide what makes a customer by the leads with won recurring deals."""
    key, seen = "customer_basis", f"{winners.count:,} sampled leads with a won monthly or annual opportunity"
    where = _where(winners, statuses)
    if not winners.count and customers:
        return Decision(key, "lead_status", "There is a customer status, and no won monthly or annual opportunity.")
    if not winners.count:
        return Decision(
            key,
            None,
            questions=(
                Question(
                    "who is a customer? No lead status is named like a customer's, and no won monthly or annual "
                    "opportunity was seen. Name the statuses of customers (lead_statuses.customer), or set "
                    "customer_basis: opportunity, if deals are won in Close from now on.",
                    stops=True,
                ),
            ),
        )
    if not winners.customers:
        none = "none is or was in a customer status" if customers else "no status is named like a customer's"
        return Decision(key, "opportunity", f"Of {seen}, {none}. They are now in: {where}.")
    kept = f"{share(winners.customers, winners.count)} sampled leads with a won monthly or annual opportunity"
    now = sum(winners.now_in[one] for one in customers)
    if winners.customers >= MOSTLY * (winners.count - winners.former):
        others = f" They are now in: {where}." if now < winners.count else ""
        return Decision(key, "lead_status", f"{kept} are or were in a customer status, {now:,} are now.{others}")
    return Decision(
        key,
        None,
        questions=(
            Question(
                f"only {kept} are or were in a customer status; the others are now in: {where}. Is the status kept up "
                "to date (lead_status), or do won opportunities tell better who is a customer (opportunity)?",
                (Reading("by lead_status", {key: "lead_status"}), Reading("by opportunity", {key: "opportunity"})),
            ),
        ),
    )


def _lost_winners(name: str, count: int, winners: Winners, others: list[str]) -> Question:
    """Say that a status is named like a lost lead's, but holds leads that have won."""
    return Question(
        f"'{name}' is named like a lost lead's, but {share(count, winners.count)} leads with a won monthly or annual "
        "opportunity are in it: have they left (lost), or does the status say nothing about customers?",
        (
            Reading("as lost", {"lead_statuses.lost": [*others, name]}),
            Reading("as nothing special", {"lead_statuses.lost": others}),
        ),
    )


def _where(winners: Winners, statuses: list[Row]) -> str:
    labels = {row["id"]: named(statuses, row, "label") for row in statuses}
    return "; ".join(
        f"'{labels.get(one, one)}' {share(count, winners.count)}" for one, count in winners.now_in.most_common(3)
    )


def _no_customer_status(winners: Winners, statuses: list[Row]) -> Question:
    """Say that no status is named like a customer's, and which one the records speak for."""
    names = {row["id"]: named(statuses, row, "label") for row in statuses}
    listed = f"The account has {quoted(sorted(names.values()))}."
    if not winners.count:
        return Question(f"no status is named like a customer's; without one there are no customers. {listed}")
    (most, count), *_ = winners.now_in.most_common(1)
    text = (
        "no status is named like a customer's; customer_basis: opportunity does without. Leads with a won monthly or "
        f"annual opportunity are now in: {_where(winners, statuses)}. {listed}"
    )
    if most not in names or count < MOSTLY * winners.count:
        return Question(text)
    by_status = {"customer_basis": "lead_status", "lead_statuses.customer": [names[most]]}
    return Question(
        text,
        (
            Reading("by opportunity", {"customer_basis": "opportunity"}),
            Reading(f"by lead_status with '{names[most]}' as customer", by_status),
        ),
    )
