"""What kpis.yaml may say, and what a reader is told when it says something else."""

from __future__ import annotations

import contextlib
import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from close_kpis.paths import INCLUDE
from close_kpis.settings.account import Named, resolve
from close_kpis.settings.errors import SettingsError
from close_kpis.settings.file import Settings, load
from close_kpis.settings.words import expected

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

KEYS = [*Settings.model_fields, "customer", "rule", "title_pattern", "title", "unknown_source_share"]

WON = {"customer_basis": "opportunity"}
"""Settings that need no status of customers."""


def read(folder: Path, text: str) -> Settings:
    file = folder / "kpis.yaml"
    file.write_text(text, encoding="utf-8")
    return load(file)


def test_empty_file_stands_for_the_defaults(tmp_path: Path) -> None:
    settings = read(tmp_path, "# nothing\n")
    assert settings == Settings()
    assert (settings.timezone, settings.customer_basis, settings.rate_denominator) == ("UTC", "lead_status", "opening")
    assert (settings.demo.rule, settings.demo.title_pattern) == ("meeting", "(?i)demo")
    assert (settings.currency, settings.limits.unknown_source_share) == (None, 0.2)
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


@pytest.mark.parametrize("text", ["workbook: {tabs: null}", "workbook: {tabs: []}", "workbook: {}"])
def test_no_list_of_tabs_is_all_of_them(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text).workbook.tabs == ()


def test_tabs_are_named_in_any_case(tmp_path: Path) -> None:
    assert read(tmp_path, "workbook: {tabs: [one  REP, mrr]}").workbook.tabs == ("One rep", "MRR")


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
        ("workbook: {record_rows: 50000}", ["workbook.record_rows: 50000", "a whole number of rows from 0 to 20000"]),
        ("workbook: {record_rows: true}", ["workbook.record_rows: true", "a whole number of rows"]),
        ("workbook: {records: [tasks]}", ["workbook.records, item 1: 'tasks'", "leads, opportunities and contacts"]),
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
        (
            "counted_activities: [calls, sms]",
            ["sms cannot be counted as long as they are not read: write sms: true under streams"],
        ),
        (
            "counted_activities: [calls, faxes]",
            ["counted_activities, item 2: 'faxes' does not fit in a list of calls, emails, sms, notes"],
        ),
        (
            "contact_fields: [name, birthday]",
            ["contact_fields, item 2: 'birthday' does not fit", "name, title, emails, phones"],
        ),
        ("contact_fields: name", ["contact_fields: 'name' does not fit", "such as [name, title], or [] for none"]),
        ("streams: {sms: often}", ["streams.sms: 'often' does not fit: write true or false"]),
        ("streams: {letters: true}", ["streams.letters: unknown key", "sms, notes, whatsapp_messages"]),
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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "lead_statuses: {customer: [A]}\n# more\nlead_statuses: {lost: [B]}",
            "line 3: lead_statuses: this key stands in line 1",
        ),
        ("pipelines:\n  new: [A]\n  new: [B]", "line 3: pipelines.new: this key stands in line 2"),
        ("\n\nholidays:\n  - 2026-12-25\n  - 25.12.2027", "line 5: holidays, item 2: '25.12.2027' is not a date"),
        (
            "lead_statuses:\n  trial: [A]\n  customer: Paying",
            "line 3: lead_statuses.customer: 'Paying' does not fit: write a list",
        ),
        ("demo:\n  title_pattern: '(a?)*'", "line 2: demo.title_pattern: '(a?)*' is a pattern that fits every text"),
        ("demo:\n  text_pattern: ''", "line 2: demo.text_pattern: '' is a pattern that fits every text"),
        ("history_start: 2999-01", "line 1: history_start: '2999-01' is in the future"),
        ("history_start: 0026-01", "line 1: history_start: '0026-01' is before 1990"),
        ("history_start: 2023", "line 1: history_start: 2023 is not a month: write it as YYYY-MM, such as 2023-01"),
        ("currency: XYZ", "line 1: currency: 'XYZ' is not a currency"),
        ("'currency ': EUR", "line 1: 'currency ': unknown key; did you mean currency, without the space around it?"),
        ("workbook: {spreadsheet_id: https://docs.google.com/}", "the part of the spreadsheet's address"),
        ("workbook: {spreadsheet_id: my sheet}", "the part of the spreadsheet's address between /d/ and /edit"),
        (
            "workbook: {tabs: [Summary, Board]}",
            "'Board' is no tab that can be listed: choose from Summary, Growth,",
        ),
        ("workbook: {tabs: [Growth, GROWTH]}", "Growth is listed twice"),
        ("workbook: {tabs: Summary}", "write a list of titles of tabs"),
        ("workbook: {title: ' '}", "line 1: workbook.title: '' is an empty name"),
        (
            "source_field: {name: A}",
            "line 1: source_field: a section does not fit: write the name of one lead custom field",
        ),
        ("pipelines: [Sales]", "line 1: pipelines: a list does not fit: write a section with the keys new"),
        (
            "lead_statuses: {trial: [[A]]}",
            "lead_statuses.trial, item 1: a list does not fit in a list of lead statuses",
        ),
        ("lead_statuses: {trial: [null]}", "lead_statuses.trial, item 1: an empty value (null) does not fit"),
        ("lead_statuses: {trial: [010]}", "item 1: YAML reads 010 without quotes as the number 8: write 8"),
        ("history_start: 12:30", "history_start: YAML reads 12:30 without quotes as the number 750"),
        ("lead_statuses: {trial: [off]}", "item 1: off (which YAML reads as false) is a truth value, not a name"),
        ("count_automated_emails: 1", "count_automated_emails: 1 does not fit: write true or false"),
        (
            "limits: {unknown_source_share: yes}",
            "yes (which YAML reads as true) does not fit: write a share from 0 to 1",
        ),
        ("limits: {unknown_source_share: .nan}", "does not fit: write a share from 0 to 1"),
        ("timezone: 2024-01-01", "timezone: '2024-01-01' is not a time zone"),
        ("? [a]\n: b", "line 1: ?: a key is one word"),
        ("holidays: [2026-12-25\ncurrency: EUR", "line 2: this is not valid YAML"),
        (
            "demo:\n\trule: task",
            "line 2: this is not valid YAML (found character '\\t' that cannot start any token): there is a tab",
        ),
        ("a: 1\n---\nb: 2", "line 2: this is not valid YAML (but found another document)"),
        ("timezone: UTC\ncurrency: E\0R", "line 2: a sign that YAML does not allow (U+0000)"),
    ],
)
def test_error_names_the_line_in_a_readers_words(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as error:
        read(tmp_path, text)
    assert told in str(error.value)
    assert str(error.value).startswith("kpis.yaml, line ")
    for word in ("tuple", "instance", "dictionary", "Input", "validator", "isoformat"):
        assert word not in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: &a [secret]\nholidays: [*a, *a]", "line 1: a word that begins with & or *"),
        ("lead_statuses: {trial: [*Trial]}", "line 1: a word that begins with & or *"),
        ("a: !!python/object/apply:os.system [secret]", "line 1: a value that begins with !"),
        ("[" * 3000, "line 1: more than 6 levels"),
        ("{a: " * 3000, "line 1: more than 6 levels"),
        ("".join(f"{' ' * at}secret:\n" for at in range(300)), "line 6: more than 6 levels"),
        ("secret" * 20_000, "kpis.yaml: larger than 100,000 bytes"),
        ("[" + "secret," * 10_000 + "]", "line 1: lines of `key: value` are expected, not a list"),
        (f"currency: {'1' * 90_000}", "1…' does not fit"),
        ("secret: 1\n" * 5000, "... and 4979 more"),
        ("".join(f"x{at}: 1\n" for at in range(5000)), "... and 4980 more"),
    ],
)
def test_file_that_would_unfold_without_end_is_refused_at_once_and_not_quoted(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(SettingsError) as error:
        read(tmp_path, text)
    assert told in str(error.value)
    assert len(str(error.value)) < 6000
    assert "[secret" not in str(error.value)


def test_file_that_is_no_utf_8_is_told_where(tmp_path: Path) -> None:
    file = tmp_path / "kpis.yaml"
    file.write_bytes("timezone: UTC\nsource_field: Zuständig\n".encode("latin-1"))
    with pytest.raises(
        SettingsError, match=r"kpis\.yaml, line 2: a character that is not UTF-8: save the file as UTF-8"
    ):
        load(file)


def test_fraction_without_quotes_is_a_name_as_it_is_written(tmp_path: Path) -> None:
    assert read(tmp_path, "lead_statuses: {trial: [1.50]}").lead_statuses.trial == ("1.50",)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=12,
    )
)
def test_anything_that_yaml_can_say_is_read_or_refused_with_its_place(
    tmp_path_factory: pytest.TempPathFactory, content: object
) -> None:
    folder = tmp_path_factory.getbasetemp()
    try:
        read(folder, yaml.safe_dump(content, allow_unicode=True))
    except SettingsError as error:
        for line in str(error).splitlines():
            assert re.match(r"kpis\.yaml, line \d+: |\.\.\. and \d+ more", line), line


@given(st.text(alphabet=st.sampled_from("[]{}:-,&*!?'\"\n\t #|>%@`abc0.1"), max_size=80))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    with contextlib.suppress(SettingsError):
        read(tmp_path_factory.getbasetemp(), text)


def test_every_key_says_what_it_expects() -> None:
    keys = {
        steps
        for name, one in Settings.model_fields.items()
        for steps in [(name,), *((name, part) for part in getattr(one.annotation, "model_fields", ()))]
    }
    assert {key for key in keys if not expected(key)} == set()


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
    settings = Settings.model_validate({**WON, "lead_statuses": {"trial": ["Trial", "Old trial"]}})
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
    settings = Settings.model_validate({
        **WON,
        "demo": {"rule": "task", "exclude_outcomes": ["Missed"], "type": "Nothing"},
    })
    assert resolve(settings, ACCOUNT).excluded_outcomes == ()


def test_hash_changes_with_what_a_number_depends_on_only() -> None:
    plain = resolve(Settings.model_validate(WON), ACCOUNT)
    other_title = Settings.model_validate({**WON, "workbook": {"title": "Other"}})
    other_zone = Settings.model_validate({**WON, "timezone": "Europe/Berlin"})
    assert resolve(other_title, ACCOUNT).digest() == plain.digest()
    assert resolve(other_zone, ACCOUNT).digest() != plain.digest()


def test_currency_is_the_organisations() -> None:
    account = [*ACCOUNT, Named("currency", "EUR", "Test Ltd")]
    assert resolve(Settings.model_validate(WON), account).currency == "EUR"
    assert resolve(Settings.model_validate({**WON, "currency": "EUR"}), account).currency == "EUR"
    with pytest.raises(SettingsError, match="currency: USD is not the currency of the Close account, which is EUR"):
        resolve(Settings.model_validate({**WON, "currency": "USD"}), account)
    assert resolve(Settings.model_validate(WON), ACCOUNT).currency == "USD"


def test_customers_by_status_need_a_status() -> None:
    with pytest.raises(SettingsError, match=r"lead_statuses\.customer: no lead status makes a customer"):
        resolve(Settings(), ACCOUNT)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("source_aliases: {Website: [web], Homepage: [WEB ]}", "'WEB' stands for 'Website' and for 'Homepage'"),
        ("source_aliases: {Website: web}", "a list of names, such as [web, homepage]"),
        ("source_aliases: [web]", "a section of sources, each with a list"),
        ("fiscal_year_start: 13", "the number of a month from 1 (January) to 12 (December)"),
        ("fiscal_year_start: April", "the number of a month from 1 (January) to 12 (December)"),
        ("import_days: 2024-03-15", "a list of dates, such as [2024-03-15]"),
    ],
)
def test_settings_of_sources_years_and_imports_are_explained(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as error:
        read(tmp_path, text)
    assert told in str(error.value)
    assert "line 1" in str(error.value)


def test_a_key_that_nothing_reads_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kpis.yaml"
    path.write_text("digests: {channel: sales}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="digests: unknown key"):
        load(path)


@pytest.mark.parametrize(
    "named",
    [
        "1a-B_",
        "https://docs.google.com/spreadsheets/d/1a-B_/edit#gid=0",
        "https://docs.google.com/spreadsheets/u/1/d/1a-B_/edit?usp=sharing",
        "https://docs.google.com/spreadsheets/d/1a-B_",
    ],
)
def test_a_spreadsheet_is_named_by_its_id_or_its_address(named: str, tmp_path: Path) -> None:
    file = tmp_path / "kpis.yaml"
    file.write_text(f"workbook:\n  spreadsheet_id: {named}\n", encoding="utf-8")
    assert load(file).workbook.spreadsheet_id == "1a-B_"
