"""What kpis.yaml may say, and what a reader is told when it says something else."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from close_kpis.paths import INCLUDE
from close_kpis.settings.account import Named, resolve
from close_kpis.settings.errors import SettingsError
from close_kpis.settings.file import Settings, load

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = [
    Named("lead_status", "stat_1", "Trial"),
    Named("lead_status", "stat_2", "Customer"),
    Named("lead_status", "stat_3", "Customer"),
    Named("lead_status", "stat_4", "Old trial", is_deleted=True),
    Named("pipeline", "pipe_1", "Sales"),
    Named("pipeline", "pipe_2", "Renewals\u00a0EU"),
    Named("opportunity_status", "stat_o1", "Demo done"),
    Named("opportunity_status", "stat_o2", "Demo done"),
    Named("outcome", "outcome_1", "No-show"),
    Named("custom_activity_type", "actitype_1", "Demo held"),
    Named("custom_field", "cf_1", "Source", "lead"),
    Named("custom_field", "cf_2", "Source", "contact"),
    Named("custom_field", "cf_3", "Owner", "shared"),
    Named("custom_field", "cf_4", "Region", "lead"),
    Named("custom_field", "cf_5", "Region", "lead"),
]


def read(folder: Path, text: str) -> Settings:
    file = folder / "kpis.yaml"
    file.write_text(text, encoding="utf-8")
    return load(file)


def test_empty_file_stands_for_the_defaults(tmp_path: Path) -> None:
    settings = read(tmp_path, "# nothing\n")
    assert settings == Settings()
    assert (settings.timezone, settings.customer_basis, settings.rate_denominator) == ("UTC", "lead_status", "opening")
    assert (settings.demo.rule, settings.demo.title_pattern) == ("meeting", "(?i)demo")
    assert (settings.currency, settings.limits.unknown_source_share) == ("USD", 0.2)
    assert settings.source_field is None
    assert settings.owner_field is None
    assert settings.workbook.spreadsheet_id is None


def test_file_of_the_project_can_be_read() -> None:
    settings = load(INCLUDE / "kpis.yaml")
    assert settings.timezone == "America/New_York"
    assert settings.lead_statuses.lost == ("Lost", "Bad fit")
    assert settings.demo.exclude_outcomes == ("No-show",)
    assert date(2025, 12, 25) in settings.holidays


def test_days_may_stand_in_quotes_and_numbers_may_be_names(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        "history_start: 2024-03\nholidays: [2025-01-01, '2025-12-25']\n"
        "lead_statuses: {trial: [2024], customer: ['7']}\n",
    )
    assert settings.history_start == date(2024, 3, 1)
    assert settings.holidays == (date(2025, 1, 1), date(2025, 12, 25))
    assert settings.lead_statuses.trial == ("2024",)
    assert settings.lead_statuses.customer == ("7",)


def test_section_with_all_keys_commented_out_is_a_section_left_out(tmp_path: Path) -> None:
    assert read(tmp_path, "demo:\n  # rule: task\nlead_statuses:\n  trial:\n") == Settings()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("timezon: UTC", ["timezon: unknown key", "did you mean timezone?", "customer_basis"]),
        (
            "demo: {titel_pattern: x}",
            ["demo.titel_pattern: unknown key", "did you mean title_pattern", "exclude_outcomes"],
        ),
        ("workbook: {id: x}", ["workbook.id: unknown key", "spreadsheet_id, title"]),
        ("timezone: Europe/Berlinn", ["timezone: 'Europe/Berlinn' is not a time zone", "Europe/Berlin"]),
        ("timezone: [UTC]", ["timezone: a list is not a time zone"]),
        ("history_start: 2024-13", ["history_start: '2024-13' is not a month: write it as YYYY-MM, such as 2023-01"]),
        (
            "history_start: 2024-01-01 10:00:00",
            ["history_start: '2024-01-01 10:00:00' is not a month: write it as YYYY-MM"],
        ),
        ("holidays: [2025-02-30]", ["holidays, item 1: '2025-02-30' is not a date: write it as YYYY-MM-DD, such as"]),
        ("customer_basis: leads", ["customer_basis: 'leads' does not fit: write lead_status or opportunity"]),
        ("rate_denominator: mean", ["rate_denominator: 'mean'", "write opening or closing"]),
        ("demo: {rule: call}", ["demo.rule: 'call'", "meeting, custom_activity, opportunity_status or task"]),
        ("demo: {rule: custom_activity}", ["demo: the rule custom_activity needs the key type"]),
        ("demo: {rule: opportunity_status}", ["demo: the rule opportunity_status needs the key status"]),
        (
            "lead_statuses: {customer: [Paying], churned: [Gone, Paying]}",
            ["lead_statuses: 'Paying' is named both in customer and in churned"],
        ),
        ("pipelines: {new: [A], ignore: [A]}", ["pipelines: 'A' is named both in new and in ignore"]),
        (
            "lead_statuses: {trial: [No]}",
            ["lead_statuses.trial, item 1: No (which YAML reads as false) is a truth value", "quotes"],
        ),
        ("demo: {title_pattern: '(demo'}", ["demo.title_pattern: '(demo' is not a text pattern", "missing )"]),
        ("demo: {title_pattern: '(?=x)demo'}", ["demo.title_pattern", "RE2 has no look-ahead"]),
        ("demo: {text_pattern: '(a)\\1'}", ["demo.text_pattern", "RE2"]),
        ("currency: dollars", ["currency: 'dollars' does not fit: write the three letters of a currency", "USD"]),
        (
            "limits: {unknown_source_share: 20}",
            ["limits.unknown_source_share: 20 does not fit: write a share from 0 to 1, such as 0.2 for 20 %"],
        ),
        ("count_automated_emails: maybe", ["count_automated_emails: 'maybe' does not fit: write true or false"]),
        ("- a\n- b", ["line 1: lines of `key: value` are expected, not a list"]),
        ("a: [", ["this is not valid YAML"]),
    ],
)
def test_error_names_the_key_the_value_and_the_choices(tmp_path: Path, text: str, told: list[str]) -> None:
    with pytest.raises(SettingsError) as error:
        read(tmp_path, text)
    for words in told:
        assert words in str(error.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot read the settings file .*nowhere\.yaml"):
        load(tmp_path / "nowhere.yaml")


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        read(tmp_path, "timezone: Nowhere\ncurrency: x\n")
    assert len(str(error.value).splitlines()) == 2


def test_names_become_ids_by_label_or_by_id() -> None:
    settings = Settings.model_validate({
        "lead_statuses": {"trial": ["stat_1"], "customer": ["Customer"]},
        "pipelines": {"renewal": ["Renewals EU"]},
        "source_field": "Source",
        "owner_field": "custom.cf_3",
        "demo": {"rule": "opportunity_status", "status": "Demo done"},
    })
    resolved = resolve(settings, ACCOUNT)
    assert resolved.lead_status_roles == (("stat_1", "trial"), ("stat_2", "customer"), ("stat_3", "customer"))
    assert resolved.pipeline_roles == (("pipe_2", "renewal"),)
    assert (resolved.source_field_id, resolved.owner_field_id) == ("cf_1", "cf_3")
    assert resolved.demo_statuses == ("stat_o1", "stat_o2")


def test_deleted_status_can_be_named_because_history_refers_to_it() -> None:
    settings = Settings.model_validate({"lead_statuses": {"trial": ["Trial", "Old trial"]}})
    assert dict(resolve(settings, ACCOUNT).lead_status_roles) == {"stat_1": "trial", "stat_4": "trial"}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            {"lead_statuses": {"trial": ["Trail"]}},
            ["lead_statuses.trial", "no lead status 'Trail'", "'Customer', 'Trial'"],
        ),
        ({"pipelines": {"ignore": ["pipe_9"]}}, ["pipelines.ignore", "'pipe_9'", "'Sales'"]),
        (
            {"source_field": "Campaign"},
            ["source_field", "no lead custom field 'Campaign'", "'Owner', 'Region', 'Source'"],
        ),
        ({"source_field": "cf_2"}, ["source_field", "no lead custom field 'cf_2'"]),
        ({"source_field": "Region"}, ["2 lead custom fields", "'cf_4', 'cf_5'"]),
        ({"owner_field": "Boss"}, ["owner_field", "'Boss'"]),
        ({"demo": {"exclude_outcomes": ["Missed"]}}, ["demo.exclude_outcomes", "'No-show'"]),
        ({"demo": {"rule": "custom_activity", "type": "Demo"}}, ["demo.type", "'Demo held'"]),
        ({"demo": {"rule": "opportunity_status", "status": "Demo"}}, ["demo.status", "'Demo done'"]),
        (
            {"lead_statuses": {"trial": ["Trial"], "lost": ["stat_1"]}},
            ["'Trial' in trial and 'stat_1' in lost are the same lead status"],
        ),
    ],
)
def test_name_that_the_account_lacks_is_an_error_that_lists_what_it_has(settings: object, told: list[str]) -> None:
    with pytest.raises(SettingsError) as error:
        resolve(Settings.model_validate(settings), ACCOUNT)
    for words in told:
        assert words in str(error.value)


def test_outcomes_of_an_unused_demo_rule_need_not_exist() -> None:
    settings = Settings.model_validate({"demo": {"rule": "task", "exclude_outcomes": ["Missed"], "type": "Nothing"}})
    assert resolve(settings, ACCOUNT).excluded_outcomes == ()


def test_hash_changes_with_what_a_number_depends_on_only() -> None:
    plain = resolve(Settings(), ACCOUNT)
    other_title = Settings.model_validate({"workbook": {"title": "Other"}})
    other_zone = Settings.model_validate({"timezone": "Europe/Berlin"})
    assert resolve(other_title, ACCOUNT).digest() == plain.digest()
    assert resolve(other_zone, ACCOUNT).digest() != plain.digest()


def test_a_key_that_nothing_reads_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kpis.yaml"
    path.write_text("digest: {channel: sales}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="digest"):
        load(path)
