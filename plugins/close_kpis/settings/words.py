"""What each key of ``kpis.yaml`` expects, in words that a RevOps person knows."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_STATUSES = "a list of lead statuses as Close shows them, such as [{}]"
_PIPELINES = "a list of pipelines as Close shows them, such as [{}]"
_CHANNEL = 'the name of a Slack channel in quotes, such as "#revenue", or null'
_WEBHOOK = "the name of an Airflow connection, such as slack_webhook_default, or null"
_ADDRESSES = "a list of e-mail addresses, such as [ann@example.com]"

EXPECTED: Mapping[str, str] = MappingProxyType({
    "timezone": "the name of a time zone, such as Europe/Berlin",
    "history_start": "a month, such as 2023-01, or null for the month of the first record",
    "contact_fields": "a list of name, title, emails, phones, urls and custom, such as [name, title], or [] for none",
    "customer_basis": "lead_status or opportunity",
    "rate_denominator": "opening or closing",
    "count_automated_emails": "true or false",
    "counted_activities": "a list of calls, emails, sms, notes and whatsapp_messages, such as [calls, emails]",
    "holidays": "a list of dates, such as [2026-12-25]",
    "import_days": "a list of dates, such as [2024-03-15]",
    "fiscal_year_start": "the number of a month from 1 (January) to 12 (December), such as 4",
    "source_aliases": "a section of sources, each with a list of further names, such as {Website: [web, homepage]}",
    "source_aliases.*": "a list of names, such as [web, homepage]",
    "currency": "the three letters of a currency, such as USD or EUR, or null for the one of the Close account",
    "lead_statuses": "a section with the keys trial, customer, churned and lost, each a list of lead statuses",
    "lead_statuses.trial": _STATUSES.format("Trial"),
    "lead_statuses.customer": _STATUSES.format("Customer"),
    "lead_statuses.churned": _STATUSES.format("Churned"),
    "lead_statuses.lost": _STATUSES.format("Lost, Bad fit"),
    "pipelines": "a section with the keys new, expansion, renewal and ignore, each a list of pipelines",
    "pipelines.new": _PIPELINES.format("Sales"),
    "pipelines.expansion": _PIPELINES.format("Upsell"),
    "pipelines.renewal": _PIPELINES.format("Renewals"),
    "pipelines.ignore": _PIPELINES.format("Hiring"),
    "source_field": "the name of one lead custom field, such as Lead source, or null for none",
    "owner_field": "the name of one lead custom field, such as Account owner, or null for none",
    "demo": 'a section with the key rule and what the rule needs, such as {rule: meeting, title_pattern: "(?i)demo"}',
    "demo.rule": "meeting, custom_activity, opportunity_status or task",
    "demo.title_pattern": "a text pattern for the titles of meetings, such as (?i)demo",
    "demo.exclude_outcomes": "a list of meeting outcomes as Close shows them, such as [No-show]",
    "demo.type": "the name of one custom activity type, such as Demo held",
    "demo.status": "the name of one opportunity status, such as Demo done",
    "demo.text_pattern": "a text pattern for the texts of tasks, such as (?i)demo",
    "streams": "a section with the keys sms, notes and whatsapp_messages, each true or false",
    "streams.sms": "true or false",
    "streams.notes": "true or false",
    "streams.whatsapp_messages": "true or false",
    "workbook": "a section with the keys spreadsheet_id, title, formulas, tabs, record_rows and records",
    "workbook.spreadsheet_id": "the part of the spreadsheet's address between /d/ and /edit, or null",
    "workbook.title": "a title, such as Close KPIs",
    "workbook.formulas": "true or false",
    "workbook.tabs": "a list of titles of tabs, such as [Summary, Growth, MRR], or null for all of them",
    "workbook.records": "a list of leads, opportunities and contacts, such as [leads, opportunities], or [] for none",
    "workbook.record_rows": "a whole number of rows from 0 to 20000, such as 5000",
    "limits": "a section with the keys unknown_source_share and late_after_hours",
    "limits.unknown_source_share": "a share from 0 to 1, such as 0.2 for 20 %",
    "limits.late_after_hours": "a whole number of hours from 1 to 744, such as 24",
    "digest": 'a section of audiences, each with its keys, such as {team: {slack_channel: "#revenue"}}',
    "digest.*": "a section with the keys of an audience, such as {every: month, day: 3, addresses: [ann@example.com]}",
    "digest.*.every": "week or month",
    "digest.*.weekday": "the name of a day, such as Monday",
    "digest.*.day": "a day of the month from 1 to 28, such as 3",
    "digest.*.hour": "a full hour from 0 to 23, such as 9",
    "digest.*.slack_channel": _CHANNEL,
    "digest.*.slack_webhook": _WEBHOOK,
    "digest.*.addresses": _ADDRESSES,
    "digest.*.kpis": "a list of 1 to 20 KPIs, each as report.kpi, such as [growth.mrr, win-rate.win_rate]",
    "digest.*.locale": "a language of numbers, such as en_US or de_DE",
    "digest.*.to_date": "true or false",
    "digest.*.names": "true or false",
    "alerts": 'a section with the keys of those who get the alarms, such as {slack_channel: "#revops"}, or {}',
    "alerts.slack_channel": _CHANNEL,
    "alerts.slack_webhook": _WEBHOOK,
    "alerts.addresses": _ADDRESSES,
    "alerts.sync_deadline_hours": "a whole number of hours from 1 to 168, such as 3",
    "alerts.restated_months": "a whole number of closed months from 0 to 120, such as 3",
})
"""By key, with dots between section and key."""

CURRENCIES = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG
    HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD
    MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
    SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU
    UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL
    """.split()  # noqa: SIM905 (one string a code would be no easier to read)
)
"""ISO 4217 codes of money that is or was lately in use."""


def expected(path: Sequence[int | str]) -> str | None:
    """Return what a key expects, None for one that is no setting.

    Args:
        path: section, key, which item of a list. Where the keys of a section are names, all of them expect the same.
    """
    section, *inside = [step for step in path if isinstance(step, str)] or [""]
    named = EXPECTED.get(".".join([section, *inside]))
    return named or (EXPECTED.get(".".join([section, "*", *inside[1:]])) if inside else None)
