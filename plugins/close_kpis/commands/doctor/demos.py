"""What a demo is in an account: by titles of meetings, names of activity types, stages and tasks."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from close_kpis.commands.doctor import words
from close_kpis.commands.doctor.proposal import Decision, named, quoted, share

if TYPE_CHECKING:
    from close_kpis.close.reference import Row
    from close_kpis.commands.doctor.sample import AccountSample

ENOUGH = 3
"""Meetings of a title that make a rule."""


def title_counts(account: AccountSample) -> Counter[str]:
    """Return how many sampled meetings have each of the words of `DEMO_TITLES` in their title."""
    titles = [(row["title"] or "").lower() for row in account.rows("meetings")]
    return Counter({word: n for word in words.DEMO_TITLES if (n := sum(1 for title in titles if word in title))})


def frequent_words(account: AccountSample, most: int = 10) -> list[tuple[str, int]]:
    """Return the words that most titles of meetings have."""
    found: Counter[str] = Counter()
    for row in account.rows("meetings"):
        found.update(set(re.findall(r"\w{3,}", (row["title"] or "").lower())))
    return found.most_common(most)


def decide_demo(account: AccountSample) -> list[Decision]:
    """Return the decisions of the section ``demo``."""
    others = _other_rules(account)
    said = f" Other records that a demo could be: {'; '.join(text for _, text in others)}." if others else ""
    usual = {word: count for word, count in title_counts(account).items() if count >= ENOUGH}
    word = "demo" if "demo" in usual else next(iter(usual), "") if len(usual) == 1 else ""
    if word:
        seen = share(usual[word], len(account.rows("meetings")))
        reason = f"{seen} sampled meetings have '{word}' in their title.{said}"
        return [
            Decision("demo.rule", "meeting", reason),
            Decision("demo.title_pattern", f"(?i){word}"),
            _outcomes(account, word),
        ]
    if usual:
        counts = "; ".join(f"'{word}' {share(count, len(account.rows('meetings')))}" for word, count in usual.items())
        return [
            Decision("demo.rule", None, open=(f"several words in meetings' titles could mean a demo: {counts}.{said}",))
        ]
    if len(others) == 1:
        values, text = others[0]
        why = f"No title of a meeting says demo; {text}."
        return [Decision("demo.rule", values["rule"], why), *_keys(values)]
    titles = quoted([f"{word} ({count})" for word, count in frequent_words(account, 8)])
    return [
        Decision(
            "demo.rule",
            None,
            open=(f"no meeting's title says demo; its words are: {titles}.{said} Demos done stays 0.",),
        )
    ]


def _keys(values: dict[str, str]) -> list[Decision]:
    return [Decision(f"demo.{key}", value) for key, value in values.items() if key != "rule"]


def _other_rules(account: AccountSample) -> list[tuple[dict[str, str], str]]:
    """Return what else could be a demo: the settings for it, and what was seen."""
    return [*_activity_types(account), *_stages(account), *_tasks(account)]


def _is_demo(name: str | None) -> bool:
    return any(word in (name or "").lower() for word in words.DEMO_TITLES)


def _activity_types(account: AccountSample) -> list[tuple[dict[str, str], str]]:
    types = account.rows("custom_activity_types")
    seen = Counter(row["custom_activity_type_id"] for row in account.rows("custom_activities"))
    return [
        (
            {"rule": "custom_activity", "type": named(types, row)},
            f"custom activities '{row['name']}' ({seen[row['id']]} seen)",
        )
        for row in types
        if _is_demo(row["name"]) and seen[row["id"]]
    ]


def _stages(account: AccountSample) -> list[tuple[dict[str, str], str]]:
    stages: list[Row] = account.rows("opportunity_statuses")
    labels = dict.fromkeys(row["label"] for row in stages if _is_demo(row["label"]) and row["type"] == "active")
    return [
        ({"rule": "opportunity_status", "status": str(label)}, f"the opportunity status '{label}'") for label in labels
    ]


def _tasks(account: AccountSample) -> list[tuple[dict[str, str], str]]:
    done = account.rows("task_completions")
    matching = {word: sum(1 for row in done if word in (row["task_text"] or "").lower()) for word in words.DEMO_TITLES}
    word, count = max(matching.items(), key=lambda item: item[1])
    if count < ENOUGH:
        return []
    text = f"completed tasks with '{word}' ({share(count, len(done))})"
    return [({"rule": "task", "text_pattern": f"(?i){word}"}, text)]


def outcome_counts(account: AccountSample, word: str = "") -> Counter[str | None]:
    """Return how many sampled meetings, with a word in their title, have each outcome's id."""
    return Counter(row["outcome_id"] for row in account.rows("meetings") if word in (row["title"] or "").lower())


def _outcomes(account: AccountSample, word: str) -> Decision:
    outcomes, seen = account.rows("outcomes"), outcome_counts(account, word)
    excluded = [row for row in outcomes if words.says(words.NO_SHOW, row["name"] or "")]
    others = _counted([row for row in outcomes if row not in excluded and seen[row["id"]]], seen)
    if not excluded:
        reason = f"No outcome is named like a meeting that did not take place; seen at such meetings: {others}."
        return Decision("demo.exclude_outcomes", [], reason)
    reason = f"Not held, by the outcome's name: {_counted(excluded, seen)}. Outcomes that count: {others}."
    return Decision("demo.exclude_outcomes", [named(outcomes, row) for row in excluded], reason)


def _counted(outcomes: list[Row], seen: Counter[str | None]) -> str:
    return ", ".join(f"'{row['name']}' ({seen[row['id']]})" for row in outcomes) or "none"
