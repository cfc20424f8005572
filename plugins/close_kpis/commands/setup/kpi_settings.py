"""The step that writes ``kpis.yaml``: the doctor's proposal with its open questions answered and its numbers shown."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from close_kpis.accounts import Account
from close_kpis.commands.connections import close_config
from close_kpis.commands.doctor.answers import answer
from close_kpis.commands.doctor.command import look
from close_kpis.commands.doctor.decisions import decide
from close_kpis.commands.doctor.kpis_yaml import kpis_yaml
from close_kpis.commands.doctor.pipelines import organization_currency
from close_kpis.commands.doctor.preview import open_source
from close_kpis.commands.doctor.proposal import Decision, named
from close_kpis.commands.errors import CommandError
from close_kpis.commands.setup.connection import connection
from close_kpis.commands.setup.terminal import choose, confirm, say
from close_kpis.settings.account import resolve
from close_kpis.settings.errors import SettingsError
from close_kpis.settings.file import load
from close_kpis.standalone.env_file import close_connection, replace_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from close_kpis.commands.doctor.answers import Answer
    from close_kpis.commands.doctor.preview import Source
    from close_kpis.commands.doctor.proposal import Question
    from close_kpis.commands.doctor.sample import AccountSample
    from close_kpis.settings.file import Settings
    from close_kpis.standalone.env_file import EnvFile

CUSTOMER = "lead_statuses.customer"
BASIS = "customer_basis"


def take_settings(env: EnvFile, file: Path, lake: str, pages: int) -> None:
    """Write settings that fit the account; those that are there and fit are kept.

    Args:
        env: names the account, and gets the time zone.
        file: the settings.
        lake: connection or folder of the lake, from which the preview is computed once it is there.
        pages: of each stream of Close to look at.

    Raises:
        EOFError, KeyboardInterrupt: the user gave up.
        CommandError: something must be decided first, or the proposal was not wanted.
        CloseError: Close stopped answering.
        OSError: the file cannot be written.
    """
    say("Looking at the account ...")
    with connection(Account().close_conn, close_connection(env.values())) as conn_id:
        account = asyncio.run(look(close_config(conn_id), pages))
    settings = _loaded(file)
    if settings is not None and _fits(settings, account):
        say(f"ok      Settings: {file} fits the account")
    else:
        settings = _propose(account, settings, file, lake)
    if env.values().get("REPORTING_TIMEZONE") != settings.timezone:
        env.save({"REPORTING_TIMEZONE": settings.timezone})


def _loaded(file: Path) -> Settings | None:
    try:
        return load(file)
    except SettingsError:
        return None


def _fits(settings: Settings, account: AccountSample) -> bool:
    try:
        resolve(settings, account.names())
    except SettingsError:
        return False
    return True


def _propose(account: AccountSample, kept: Settings | None, file: Path, lake: str) -> Settings:
    currency = organization_currency(account)
    decisions = decide(account, kept)
    with open_source(account, lake) as source:
        if stops := _stops(decisions):
            decisions = _with_customers(decisions, stops, account)
        if not _stops(decisions):
            decisions = _decided(decisions, source, currency)
        answered = answer(decisions, source, currency)
        if answered.first and not stops:
            decisions = _with_customers(decisions, answered.first, account)
            answered = answer(decisions, source, currency)
    say(f"\n{_mapping(decisions)}\n\n{answered.preview}\n")
    text = kpis_yaml(answered.decisions, answered.first)
    if answered.first:
        _stop(answered, file, text)
    if not confirm(f"Write this to {file}, every key with its reason?", default=True):
        beside = file.with_name("kpis.proposed.yaml")
        replace_file(beside, text, mode=0o644)
        raise CommandError(
            f"{file} is as it was; the proposal is in {beside}: edit it, save it as {file.name}, and run setup again"
        )
    if file.exists():
        copy = file.with_name(f"{file.stem}.{datetime.now().astimezone():%Y%m%d-%H%M%S}{file.suffix}")
        replace_file(copy, file.read_text(encoding="utf-8", errors="replace"), mode=0o644)
        say(f"  What stood there is in {copy}.")
    replace_file(file, text, mode=0o644)
    say(f"ok      Settings: {file} is written; NOT DECIDED in it marks what you may still decide")
    return load(file)


def _stops(decisions: list[Decision]) -> list[str]:
    return [question.text for decision in decisions for question in decision.questions if question.stops]


def _decided(decisions: list[Decision], source: Source, currency: str | None) -> list[Decision]:
    """Return the decisions with those questions answered whose readings give other numbers."""
    told = answer(decisions, source, currency).decisions
    for decision, with_numbers in zip(decisions, told, strict=True):
        lines = with_numbers.open[len(decision.open) :]
        for question, line in zip(decision.questions, lines, strict=True):
            if question.readings and line != question.text and "are the same either way" not in line:
                decisions = _answered(decisions, decision.key, question, line)
    return decisions


def _answered(decisions: list[Decision], key: str, question: Question, line: str) -> list[Decision]:
    say(f"\n{key}: {line}")
    labels = [reading.label for reading in question.readings]
    chosen = choose("Which one? Enter leaves it open, as proposed", labels, several=False)
    if not chosen:
        return decisions
    without = [
        replace(one, questions=tuple(other for other in one.questions if other is not question)) for one in decisions
    ]
    return _with_values(without, question.readings[chosen[0]].values, "You decided it during setup.")


def _with_customers(decisions: list[Decision], stops: list[str], account: AccountSample) -> list[Decision]:
    """Ask which statuses customers have, where the proposal would have no customers: `stops` says why."""
    statuses = account.rows("lead_statuses")
    names = [named(statuses, row, "label") for row in statuses]
    say(f"\n{' '.join(stops)}\n\nThe lead statuses of the account:")
    chosen = choose("Which of them do customers have? Numbers with commas between; Enter for none", names, several=True)
    if not chosen:
        return decisions
    decisions = [replace(one, questions=()) if one.key in {BASIS, CUSTOMER} else one for one in decisions]
    customers = [names[at] for at in chosen]
    others = {
        one.key: [name for name in one.value if name not in customers]
        for one in decisions
        if one.key.startswith("lead_statuses.") and isinstance(one.value, list)
    }
    return _with_values(
        decisions, {**others, CUSTOMER: customers, BASIS: "lead_status"}, "You decided it during setup."
    )


def _with_values(decisions: list[Decision], values: Mapping[str, Any], reason: str) -> list[Decision]:
    known = {one.key for one in decisions}
    changed = [
        replace(one, value=values[one.key], reason=reason)
        if one.key in values and values[one.key] != one.value
        else one
        for one in decisions
    ]
    return changed + [Decision(key, value, reason) for key, value in values.items() if key not in known]


def _mapping(decisions: list[Decision]) -> str:
    """Return what the proposal makes of the account, a line a key."""
    lines = [f"  {one.key}: {_words(one.value)}" for one in decisions if one.value not in (None, [], {})]
    return "\n".join(["The proposal", *lines])


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return "; ".join(f"{key}: {_words(one)}" for key, one in value.items()) if isinstance(value, dict) else str(value)


def _stop(answered: Answer, file: Path, text: str) -> None:
    beside = file.with_name("kpis.proposed.yaml")
    replace_file(beside, text, mode=0o644)
    raise CommandError(
        f"the settings must not be published as they stand: {' '.join(answered.first)} The proposal is in {beside}: "
        f"decide it there, save it as {file.name}, and run setup again"
    )
