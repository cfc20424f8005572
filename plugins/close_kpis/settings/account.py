"""Fitting the settings to an account: names become the ids that its records carry."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.settings.errors import SettingsError, choices, shortened, told
from close_kpis.settings.file import PlainSettings
from close_kpis.settings.sources import source_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from close_kpis.settings.file import Settings
    from close_kpis.settings.yaml_text import Lines


@dataclass(frozen=True)
class Named:
    """Something of the account that the settings can name.

    Attributes:
        kind: lead_status, pipeline, opportunity_status, outcome, custom_activity_type, custom_field; currency.
        id: its id in Close; of the currency the ISO 4217 code.
        label: its name in Close.
        object_type: of a custom field: what it is a field of (lead, contact, shared ...).
        is_deleted: only old records still refer to it.
    """

    kind: str
    id: str
    label: str | None
    object_type: str | None = None
    is_deleted: bool = False


class ResolvedSettings(PlainSettings):
    """The settings with ids only; what the SQL models read as ``settings.*``."""

    currency: str
    lead_status_roles: tuple[tuple[str, str], ...]
    pipeline_roles: tuple[tuple[str, str], ...]
    source_field_id: str | None
    owner_field_id: str | None
    source_names: tuple[tuple[str, str], ...]
    read_streams: tuple[str, ...]
    counted_activity_types: tuple[str, ...]
    demo_rule: str
    demo_title_pattern: str
    demo_text_pattern: str
    demo_statuses: tuple[str, ...]
    demo_activity_types: tuple[str, ...]
    excluded_outcomes: tuple[str, ...]
    unknown_source_share_limit: float
    record_rows: int

    def digest(self) -> str:
        """Return a hash that changes with any setting that what is computed depends on."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def resolve(settings: Settings, account: Iterable[Named]) -> ResolvedSettings:
    """Return the settings with every name replaced by the ids that it stands for.

    A name is an id, or a label as Close shows it; where several things have the label, all of them
    are meant, except a custom field, which must be one.

    Args:
        settings: the settings as written.
        account: what the account has.

    Raises:
        SettingsError: the account lacks names (with the names it has), a name fits two fields, one status is named
            in two roles by label and by id, the currency is another than the organisation's, or no status makes a
            customer; each with its line, where a file is known.
    """
    names = _Account(tuple(account), settings.lines)
    demo = settings.demo
    plain = {name: getattr(settings, name) for name in PlainSettings.model_fields}
    resolved = ResolvedSettings(
        **{
            **plain,
            "holidays": tuple(sorted(set(settings.holidays))),
            "import_days": tuple(sorted(set(settings.import_days))),
            "currency": names.currency(settings.currency),
        },
        lead_status_roles=names.roles("lead_statuses", "lead_status", settings.lead_statuses.by_role()),
        pipeline_roles=names.roles("pipelines", "pipeline", settings.pipelines.by_role()),
        source_field_id=names.field("source_field", settings.source_field),
        owner_field_id=names.field("owner_field", settings.owner_field),
        source_names=tuple(
            sorted(
                (source_key(name), source)
                for source, further in settings.source_aliases.items()
                for name in dict.fromkeys((source, *further))
            )
        ),
        read_streams=settings.streams.wanted(),
        counted_activity_types=tuple(sorted(_ACTIVITY_TYPES[name] for name in settings.counted_activities)),
        demo_rule=demo.rule,
        demo_title_pattern=demo.title_pattern,
        demo_text_pattern=demo.text_pattern,
        demo_statuses=names.ids(
            "demo.status", "opportunity_status", _used(demo.status, demo.rule == "opportunity_status")
        ),
        demo_activity_types=names.ids(
            "demo.type", "custom_activity_type", _used(demo.type, demo.rule == "custom_activity")
        ),
        excluded_outcomes=names.ids(
            "demo.exclude_outcomes", "outcome", demo.exclude_outcomes if demo.rule == "meeting" else ()
        ),
        unknown_source_share_limit=settings.limits.unknown_source_share,
        record_rows=settings.workbook.record_rows,
    )
    if settings.customer_basis == "lead_status" and not settings.lead_statuses.customer:
        names.problems.append(
            f"{settings.lines.place(('lead_statuses', 'customer'))}lead_statuses.customer: no lead status makes a "
            "customer, so that every report would show zeros: name the statuses that customers have, or write "
            "customer_basis: opportunity"
        )
    if names.problems:
        raise SettingsError(told(names.problems))
    return resolved


_ACTIVITY_TYPES: Mapping[str, str] = {
    "calls": "call",
    "emails": "email",
    "sms": "sms",
    "notes": "note",
    "whatsapp_messages": "whatsapp_message",
}
"""What ``staging.activities`` calls the rows of a stream that can be counted."""


def _used(name: str | None, is_used: bool) -> tuple[str, ...]:
    return (name,) if name is not None and is_used else ()


_KINDS: Mapping[str, str] = {
    "lead_status": "lead status",
    "pipeline": "pipeline",
    "opportunity_status": "opportunity status",
    "outcome": "outcome",
    "custom_activity_type": "custom activity type",
    "custom_field": "lead custom field",
}


DEFAULT_CURRENCY = "USD"
"""Where neither the organisation nor the settings name one."""


class _Account:
    """Looks names up, and notes what is wrong with them."""

    def __init__(self, names: tuple[Named, ...], lines: Lines) -> None:
        self._names = names
        self._lines = lines
        self.problems: list[str] = []

    def currency(self, code: str | None) -> str:
        """Return the organisation's currency, which a currency of the settings must be."""
        own = next((item.id for item in self._names if item.kind == "currency"), None)
        if code is not None and own is not None and code != own:
            self.problems.append(
                f"{self._lines.place(('currency',))}currency: {code} is not the currency of the Close account, which "
                f"is {own}: Close has one currency per organisation and converts nothing; write null, or {own}"
            )
        return own or code or DEFAULT_CURRENCY

    def ids(self, key: str, kind: str, names: Iterable[str]) -> tuple[str, ...]:
        """Return the ids of names, in alphabetical order."""
        return tuple(sorted({item.id for at, name in enumerate(names) for item in self._find(key, kind, name, at)}))

    def roles(self, key: str, kind: str, names: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
        """Return (id, role) of the named statuses or pipelines."""
        roles: dict[str, tuple[str, str]] = {}
        for role, role_names in names.items():
            for at, name in enumerate(role_names):
                for item in self._find(f"{key}.{role}", kind, name, at):
                    other_role, other_name = roles.setdefault(item.id, (role, name))
                    if other_role != role:
                        self._tell(
                            (key, role, at),
                            f"{key}: {other_name!r} in {other_role} and {name!r} in {role} are the same {_KINDS[kind]} "
                            f"({item.label!r}, {item.id}): keep it in one of them",
                        )
        return tuple(sorted((item_id, role) for item_id, (role, _) in roles.items()))

    def field(self, key: str, name: str | None) -> str | None:
        """Return the id of the lead custom field of a name."""
        if name is None:
            return None
        found = self._find(key, "custom_field", name.removeprefix("custom."))
        if len(found) > 1:
            self._tell(
                (key,),
                f"{key}: {name!r} is the name of {len(found)} lead custom fields: name one by its id, "
                f"{choices(item.id for item in found)}",
            )
        return found[0].id if found else None

    def _find(self, key: str, kind: str, name: str, at: int = 0) -> list[Named]:
        """Return what a name, the ``at``-th of its key, stands for."""
        known = [item for item in self._names if item.kind == kind and _is_usable(item)]
        found = [item for item in known if item.id == name] or [item for item in known if _same(item.label, name)]
        if not found:
            present = choices(item.label or item.id for item in known if not item.is_deleted)
            text = f"{key}: the account has no {_KINDS[kind]} {shortened(name)!r}; it has {present}"
            self._tell((*key.split("."), at), text)
        return found

    def _tell(self, path: tuple[int | str, ...], text: str) -> None:
        self.problems.append(f"{self._lines.place(path)}{text}")


def _is_usable(item: Named) -> bool:
    return item.kind != "custom_field" or item.object_type in {"lead", "shared"}


def _same(label: str | None, name: str) -> bool:
    """Compare as readers see it: Close keeps doubled and non-breaking spaces that nobody types."""
    return label is not None and label.split() == name.split()
