"""``doctor``: connections, and a kpis.yaml that fits the account or says what could not be decided."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from close_kpis.close.client import ClientConfig, CloseClient
from close_kpis.commands.arguments import main
from close_kpis.commands.doctor.answers import answer
from close_kpis.commands.doctor.decisions import decide
from close_kpis.commands.doctor.findings import limits
from close_kpis.commands.doctor.imports import decide_import_days, import_days
from close_kpis.commands.doctor.kpis_yaml import kpis_yaml
from close_kpis.commands.doctor.pipelines import roles_by_name
from close_kpis.commands.doctor.preview import open_source
from close_kpis.commands.doctor.sample import AccountSample, read_account
from close_kpis.commands.doctor.sources import alike, decide_aliases, sources
from close_kpis.commands.doctor.statuses import role_by_name
from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import connect, transaction
from close_kpis.paths import INCLUDE
from close_kpis.settings.account import resolve
from close_kpis.settings.file import Settings, load
from sandbox.close_api import CloseSandbox
from tests.commands.accounts import (
    GERMAN_PATHS,
    PATHS_WITHOUT_TRIAL,
    field,
    meetings,
    pipelines,
    wins,
    write_account,
)
from tests.support.lake import load_account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.sheets_api import SheetsSandbox

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
DEMO_SETTINGS = INCLUDE / "kpis.yaml"


def look(sandbox: CloseSandbox, pages: int = 10) -> AccountSample:
    async def read() -> AccountSample:
        async with CloseClient(ClientConfig(sandbox.api_key, sandbox.url)) as client:
            return await read_account(client, pages)

    return asyncio.run(read())


@contextmanager
def served(folder: Path) -> Iterator[CloseSandbox]:
    with CloseSandbox(folder, rate=0, search_rate=0) as sandbox:
        yield sandbox


def proposed(account: AccountSample, folder: Path, kept: Settings | None = None) -> tuple[str, Settings]:
    """The proposal's text and what it loads as; it must fit the account."""
    text = kpis_yaml(decide(account, kept))
    file = folder / "proposal.yaml"
    file.write_text(text, encoding="utf-8")
    settings = load(file)
    if settings.lead_statuses.customer or settings.customer_basis == "opportunity":
        resolve(settings, account.names())
    return text, settings


def of_folder(folder: Path, tmp_path: Path) -> tuple[str, Settings]:
    with served(folder) as sandbox:
        return proposed(look(sandbox), tmp_path)


@pytest.mark.slow
def test_demo_company_gets_the_settings_it_has(demo_company: Path, tmp_path: Path) -> None:
    with served(demo_company) as sandbox:
        account = look(sandbox)
        written = {request.path for request in sandbox.requests if request.method != "GET"}
    demo = load(DEMO_SETTINGS)
    text, settings = proposed(account, tmp_path)
    apart = {"holidays", "pipelines", "currency"}
    assert settings.model_dump(exclude=apart) == demo.model_dump(exclude=apart)
    assert settings.pipelines.by_role() == {**demo.pipelines.by_role(), "ignore": ()}
    assert "NOT DECIDED: Close knows no holidays" in text
    assert "NOT DECIDED: 'Partnerships' is named like no sales, but 1 of 407 wins seen are in it" in text
    assert text.count("NOT DECIDED:") == 2
    assert proposed(account, tmp_path, kept=demo)[1].holidays == demo.holidays
    assert account.whole >= {"leads", "lead_status_changes", "opportunities"}
    assert account.requests < 100
    assert written == {"/data/search/"}


def test_account_with_two_fields_of_one_name_gets_the_one_in_use_by_its_id(tmp_path: Path) -> None:
    folder = FIXTURES / "odd_account"
    text, settings = of_folder(folder, tmp_path)
    hand_written = load(folder / "kpis.yaml")
    apart = {"history_start", "currency"}
    assert settings.model_dump(exclude=apart) == hand_written.model_dump(exclude=apart)
    assert "Not chosen: 'cf_sourceOld' (Source)" in text


def answered(folder: Path, tmp_path: Path) -> tuple[str, Settings]:
    """The proposal with its numbers, in one line without comment signs, and what it loads as."""
    with served(folder) as sandbox:
        account = look(sandbox)
    with open_source(account, str(tmp_path / "no_lake")) as source:
        found = answer(decide(account), source, "EUR")
    text = kpis_yaml(found.decisions, found.first)
    file = tmp_path / "proposal.yaml"
    file.write_text(text, encoding="utf-8")
    return " ".join(text.replace("#", " ").split()), load(file)


def test_german_labels_are_understood(tmp_path: Path) -> None:
    folder = write_account(
        tmp_path / "account",
        GERMAN_PATHS,
        pipelines=pipelines("Neugeschäft", "Vertragsverlängerung", "Erweiterung"),
        custom_fields=[field("cf_a", "Herkunft", "choices"), field("cf_b", "Betreuer", "user")],
        activities=meetings(*(["Vorführung bei Kunde"] * 4), "Jour fixe"),
        outcomes=[{"id": "outcome_a", "name": "Nicht erschienen", "applies_to": ["meetings"]}],
    )
    _, settings = of_folder(folder, tmp_path)
    assert settings.timezone == "Europe/Berlin"
    assert settings.lead_statuses.by_role() == {
        "trial": ("Testphase",),
        "customer": ("Kunde",),
        "churned": ("Gekündigt",),
        "lost": ("Kein Interesse",),
    }
    assert settings.pipelines.by_role() == {
        "new": ("Neugeschäft",),
        "expansion": ("Erweiterung",),
        "renewal": ("Vertragsverlängerung",),
        "ignore": (),
    }
    assert (settings.source_field, settings.owner_field, settings.currency) == ("Herkunft", "Betreuer", None)
    assert settings.demo.model_dump(include={"rule", "title_pattern", "exclude_outcomes"}) == {
        "rule": "meeting",
        "title_pattern": "(?i)vorführung",
        "exclude_outcomes": ("Nicht erschienen",),
    }


def test_what_no_word_decides_is_left_open_with_the_choices(tmp_path: Path) -> None:
    folder = write_account(
        tmp_path / "account",
        PATHS_WITHOUT_TRIAL,
        pipelines=pipelines("Blue", "Red"),
        custom_fields=[field("cf_a", "Segment", "choices"), field("cf_c", "Notes", "text")],
        activities=meetings("Kick-off", "Jour fixe"),
    )
    text, settings = of_folder(folder, tmp_path)
    plain = " ".join(text.replace("#", " ").split())
    assert settings.lead_statuses.by_role() == {"trial": (), "customer": (), "churned": (), "lost": ("Dead",)}
    assert settings.source_field is None
    for said in (
        "NOT DECIDED: no status is named like a trial",
        "NOT DECIDED: no status is named like a customer's; without one there are no customers. "
        "The account has 'Dead', 'Live', 'New', 'Paused', 'Qualified'.",
        "NOT DECIDED: who is a customer? No lead status is named like a customer's, and no won monthly or annual "
        "opportunity was seen.",
        "NOT DECIDED: 'Blue' says nothing by its name: new, expansion, renewal or ignore?",
        "NOT DECIDED: no field is named like it; of its kind there are 'Segment': choices, filled in 100%, 3 values",
        "NOT DECIDED: no meeting's title says demo; its words are",
    ):
        assert said in plain


def test_account_without_a_trial_status_is_told_what_comes_before_customers(tmp_path: Path) -> None:
    paths = (("New", "Qualified", "Customer"), ("New", "Customer"), ("New", "Qualified", "Customer", "Gone"))
    text, settings = of_folder(write_account(tmp_path / "account", paths), tmp_path)
    plain = " ".join(text.replace("#", " ").split())
    assert settings.lead_statuses.customer == ("Customer",)
    assert "no status is named like a trial; New trials stays 0 unless you name one." in plain
    assert "'Qualified' comes before 16 of 24; 'New' comes before 8 of 24." in plain
    assert "'Gone' says nothing by its name, but 8 of 8 changes into it come from a customer status: churned?" in plain


def test_name_that_the_moves_contradict_is_left_open(tmp_path: Path) -> None:
    paths = (("New", "Cancelled"), ("New", "Customer"), ("New", "Customer", "Lost"))
    text, settings = of_folder(write_account(tmp_path / "account", paths), tmp_path)
    plain = " ".join(text.replace("#", " ").split())
    assert (settings.lead_statuses.churned, settings.lead_statuses.lost) == ((), ())
    assert "'Cancelled' is named like a status of former customers, but only 0 of 8 changes" in plain
    assert "'Lost' is named like a lost lead's, but 8 of 8 changes into it come from a customer status" in plain


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("Free Trial", "trial"),
        ("Probezeit", "trial"),
        ("Latest contact", ""),
        ("Trial expired", "?"),
        ("Kunden", "customer"),
        ("Active client", "customer"),
        ("Potential customer", ""),
        ("Kein Kunde", ""),
        ("Former customer", "churned"),
        ("Ehemaliger Kunde", "churned"),
        ("Lost customer", "churned"),
        ("Gekündigt", "churned"),
        ("Bad Fit", "lost"),
        ("Absage", "lost"),
        ("Contacted", ""),
        ("Cliente potencial", ""),
        ("Baja", "churned"),
        ("Dado de baja", "churned"),
        ("Prioridad baja", ""),
        ("Perdido", "lost"),
        ("Client perdu", "churned"),
        ("Cliente inativo", "churned"),
        ("Teste grátis", "trial"),
        ("Résilié", "churned"),
        ("Pas client", ""),
        ("Потенциальный клиент", ""),
        ("Не клиент", ""),
        ("Отток", "churned"),
    ],
)
def test_names_of_statuses(label: str, role: str) -> None:
    assert role_by_name(label) == role


@given(st.text(max_size=12), st.sampled_from(["Client", "Trial", "Perdu", "Отказ", "Baja", "Kunde"]))
def test_every_name_has_at_most_one_role(noise: str, name: str) -> None:
    assert role_by_name(f"{noise} {name}") in {"", "?", "trial", "customer", "churned", "lost"}
    assert len(roles_by_name(f"{noise} {name}")) <= len(roles_by_name(name)) + 3


def test_labels_of_any_form_make_a_file_that_loads(tmp_path: Path) -> None:
    paths = (("a: b\n# c", "Customer: 'x' #1 \u2028", 'Lost - "y"'), ("Trial {z}", "Customer: 'x' #1 \u2028"))
    _, settings = of_folder(write_account(tmp_path / "account", paths), tmp_path)
    assert settings.lead_statuses.trial == ("Trial {z}",)
    assert settings.lead_statuses.customer == ("Customer: 'x' #1 \u2028",)


SPANISH = ("Nuevo", "Prueba", "Cliente")
PORTUGUESE = (
    ("Novo", "Em teste", "Cliente"),
    ("Novo", "Em teste", "Cliente", "Cliente cancelado"),
    ("Novo", "Sem interesse"),
    ("Novo", "Cliente potencial", "Cliente"),
)
FRENCH = (
    ("Nouveau", "Période d'essai", "Client"),
    ("Nouveau", "Période d'essai", "Client", "Ancien client"),
    ("Nouveau", "Pas intéressé"),
    ("Nouveau", "Période d'essai", "Client", "Résilié"),
)
RUSSIAN = (
    ("Новый", "Пробный период", "Клиент"),
    ("Новый", "Пробный период", "Клиент", "Бывший клиент"),
    ("Новый", "Отказ"),
    ("Новый", "Потенциальный клиент", "Клиент"),
)


@dataclass(frozen=True)
class Language:
    """An account in a language, and what is to be understood of it."""

    paths: tuple[tuple[str, ...], ...]
    roles: dict[str, tuple[str, ...]]
    pipelines: tuple[str, str, str, str]
    fields: tuple[str, str]
    titles: tuple[str, ...]
    pattern: str
    no_show: str


LANGUAGES = {
    "Portuguese": Language(
        PORTUGUESE,
        {
            "trial": ("Em teste",),
            "customer": ("Cliente",),
            "churned": ("Cliente cancelado",),
            "lost": ("Sem interesse",),
        },
        ("Novas vendas", "Ampliação", "Renovação", "Recrutamento"),
        ("Origem do lead", "Proprietário"),
        ("Apresentação do produto", "Reunião semanal"),
        "(?i)apresentação",
        "Não compareceu",
    ),
    "French": Language(
        FRENCH,
        {
            "trial": ("Période d'essai",),
            "customer": ("Client",),
            "churned": ("Ancien client", "Résilié"),
            "lost": ("Pas intéressé",),
        },
        ("Nouvelles ventes", "Vente additionnelle", "Renouvellement", "Recrutement"),
        ("Provenance", "Responsable"),
        ("Démonstration chez le client", "Point hebdomadaire"),
        "(?i)démo",
        "Client absent",
    ),
    "Russian": Language(
        RUSSIAN,
        {
            "trial": ("Пробный период",),
            "customer": ("Клиент",),
            "churned": ("Бывший клиент",),
            "lost": ("Отказ",),
        },
        ("Новые продажи", "Допродажи", "Продления", "Партнёры"),
        ("Источник", "Ответственный"),
        ("Демонстрация продукта", "Еженедельная встреча"),
        "(?i)демо",
        "Не пришёл",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_of_other_languages_are_understood(language: str, tmp_path: Path) -> None:
    spoken = LANGUAGES[language]
    new, expansion, renewal, ignore = spoken.pipelines
    source, owner = spoken.fields
    folder = write_account(
        tmp_path / "account",
        spoken.paths,
        pipelines=pipelines(*spoken.pipelines),
        custom_fields=[field("cf_a", source, "choices"), field("cf_b", owner, "user")],
        activities=meetings(*([spoken.titles[0]] * 4), spoken.titles[1]),
        outcomes=[{"id": "outcome_a", "name": spoken.no_show, "applies_to": ["meetings"]}],
        opportunities=wins("pipe_0", [0, 4, 8, 12]),
    )
    _, settings = of_folder(folder, tmp_path)
    assert settings.customer_basis == "lead_status"
    assert settings.lead_statuses.by_role() == spoken.roles
    assert settings.pipelines.by_role() == {
        "new": (new,),
        "expansion": (expansion,),
        "renewal": (renewal,),
        "ignore": (ignore,),
    }
    assert (settings.source_field, settings.owner_field) == (source, owner)
    assert (settings.demo.title_pattern, settings.demo.exclude_outcomes) == (spoken.pattern, (spoken.no_show,))


def test_pipeline_with_wins_is_not_ignored_because_of_its_name(tmp_path: Path) -> None:
    """What each reading means for the numbers is told, and the default is not to ignore."""
    folder = write_account(
        tmp_path / "account",
        (SPANISH,),
        pipelines=pipelines("Direct", "Partner sales", "Hiring"),
        opportunities=[*wins("pipe_1", range(6), value=205_000), *wins("pipe_0", range(1), value=5_000)],
    )
    told, settings = answered(folder, tmp_path)
    assert settings.pipelines.ignore == ("Hiring",)
    assert (
        "NOT DECIDED: 'Partner sales' is named like no sales, but 6 of 7 wins seen are in it: new, expansion, renewal "
        "or ignore? Unless you list it, it is new. Customers and MRR now: as new: MRR 12,350.00 EUR and 8 customers; "
        "as renewal: MRR 12,300.00 EUR and 8 customers; ignored: MRR 50.00 EUR and 8 customers."
    ) in told
    assert "DECIDE FIRST" not in told


def test_basis_is_what_the_wins_show(tmp_path: Path) -> None:
    """A status named like customers', in which no lead that has won ever was, makes no customers."""
    folder = write_account(
        tmp_path / "account",
        (("New", "Qualified"), ("New", "Not a fit")),
        pipelines=pipelines("Sales"),
        lead_statuses=[
            {"id": f"stat_{at}", "label": label}
            for at, label in enumerate(("New", "Qualified", "Not a fit", "Customer"))
        ],
        opportunities=wins("pipe_0", range(4)),
    )
    told, settings = answered(folder, tmp_path)
    assert settings.customer_basis == "opportunity"
    assert "Of 4 sampled leads with a won monthly or annual opportunity, none is or was in a customer status." in told
    assert settings.lead_statuses.lost == ()
    assert "'Not a fit' is named like a lost lead's, but 2 of 4 leads with a won monthly or annual" in told


def test_account_without_a_customer_status_goes_by_its_wins_and_tells_the_other_reading(tmp_path: Path) -> None:
    folder = write_account(
        tmp_path / "account", (("New", "Live"),), pipelines=pipelines("Sales"), opportunities=wins("pipe_0", range(3))
    )
    told, settings = answered(folder, tmp_path)
    assert settings.customer_basis == "opportunity"
    assert "'Live' 3 of 3" in told
    assert "by opportunity: MRR 300.00 EUR and 3 customers" in told
    assert "by lead_status with 'Live' as customer: MRR 300.00 EUR and 8 customers" in told


def test_former_customers_do_not_speak_against_the_customer_status(tmp_path: Path) -> None:
    """After a move from another system, nothing tells that a churned lead was once a customer."""
    folder = write_account(
        tmp_path / "account",
        (("Customer",), ("Churned",), ("Churned",)),
        pipelines=pipelines("Sales"),
        opportunities=wins("pipe_0", range(12)),
    )
    told, settings = answered(folder, tmp_path)
    assert settings.customer_basis == "lead_status"
    assert "# NOT DECIDED: only" not in told
    assert "4 of 12 sampled leads with a won monthly or annual opportunity are or were in a customer status" in told


def test_few_winners_in_the_customer_status_leave_the_basis_open(tmp_path: Path) -> None:
    folder = write_account(
        tmp_path / "account",
        (("New", "Customer"), ("New", "Live"), ("New", "Live"), ("New", "Live")),
        pipelines=pipelines("Sales"),
        opportunities=wins("pipe_0", range(8)),
    )
    told, settings = answered(folder, tmp_path)
    assert settings.customer_basis == "lead_status"
    assert "NOT DECIDED: only 2 of 8 sampled leads with a won monthly or annual opportunity are or were in a" in told
    assert "by lead_status: MRR 200.00 EUR and 8 customers; by opportunity: MRR 800.00 EUR and 8 customers" in told


def test_proposal_that_cannot_be_published_begins_with_what_must_be_decided(tmp_path: Path) -> None:
    told, _ = answered(write_account(tmp_path / "account", PATHS_WITHOUT_TRIAL), tmp_path)
    assert told.startswith(
        "DECIDE FIRST: as it stands, this must not be published. 1. who is a customer? No lead status"
    )


def test_proposal_that_would_publish_zeros_begins_with_that(tmp_path: Path) -> None:
    folder = write_account(
        tmp_path / "account",
        (("New", "Qualified"),),
        pipelines=pipelines("Sales"),
        lead_statuses=[{"id": f"stat_{at}", "label": one} for at, one in enumerate(("New", "Qualified", "Customer"))],
    )
    told, _ = answered(folder, tmp_path)
    assert told.startswith("DECIDE FIRST")
    assert "1. is it right that there is no customer in the last twelve months?" in told


def test_days_of_an_import_are_proposed_as_such(tmp_path: Path) -> None:
    """A local day counts: 23:30 UTC is the next day in Berlin."""
    leads = [
        {"id": f"lead_{at}", "name": "A", "status_id": "stat_0", "status_label": "New", "date_created": created}
        for at, created in enumerate([
            *["2025-03-01T23:30:00+00:00"] * 30,
            *["2025-03-02T22:30:00+00:00"] * 30,
            *["2025-03-02T23:30:00+00:00"] * 49,
            *["2025-03-04T10:00:00+00:00"] * 41,
        ])
    ]
    folder = write_account(tmp_path / "account", (("New", "Customer"),), leads=leads)
    with served(folder) as sandbox:
        account = look(sandbox)
    assert import_days(account, "Europe/Berlin") == {date(2025, 3, 2): 60}
    assert import_days(account, "UTC") == {date(2025, 3, 2): 79}
    few = replace(account, all_leads=301)
    assert import_days(few, "Europe/Berlin") == {}
    decision = decide_import_days(account, "Europe/Berlin")
    assert decision.value == ["2025-03-02"]
    assert "2025-03-02: 60 of 150 leads were created on it" in decision.reason


def test_sources_that_look_alike_are_left_to_be_decided(tmp_path: Path) -> None:
    """Names that differ in case and spaces are one source anyway, and no question."""
    values = [
        "Website",
        "Website",
        "website ",
        "web",
        "Referral",
        "Referral",
        "Refferal",
        "E-Mail",
        "Email",
        "Event 2024",
        "Event 2025",
    ]
    leads = [
        {
            "id": f"lead_{at}",
            "name": "A",
            "status_id": "stat_0",
            "status_label": "New",
            "date_created": "2026-01-01T00:00:00+00:00",
            "custom.cf_a": value,
        }
        for at, value in enumerate(values)
    ]
    folder = write_account(
        tmp_path / "account", (("New", "Customer"),), leads=leads, custom_fields=[field("cf_a", "Source", "text")]
    )
    with served(folder) as sandbox:
        account = look(sandbox)
    decision = decide_aliases(account, "Source")
    assert decision.value is None
    assert decision.open == (
        "'web' (leads: 1) and 'Website' (3): one source? If so, write source_aliases: {Website: [web]}.",
        "'Refferal' (leads: 1) and 'Referral' (2): one source? If so, write source_aliases: {Referral: [Refferal]}.",
        "'Email' (leads: 1) and 'E-Mail' (1): one source? If so, write source_aliases: {'E-Mail': [Email]}.",
    )


@given(st.lists(st.text(min_size=1, max_size=8), max_size=8))
def test_a_source_is_not_asked_to_be_itself(values: list[str]) -> None:
    for one, other in alike(list(sources(Counter(values)))):
        assert one.casefold().split() != other.casefold().split()


@pytest.fixture
def connected(
    tmp_path: Path, set_connection: Callable[..., None], lake_connection: dict[str, str]
) -> Iterator[CloseSandbox]:
    """A small account behind ``close_default``, no Google, a lake that is not there yet."""
    with served(write_account(tmp_path / "account", GERMAN_PATHS)) as sandbox:
        set_connection("close_default", conn_type="close", password=sandbox.api_key, host=sandbox.url)
        yield sandbox


def test_each_connection_has_an_outcome_and_a_remedy(
    connected: CloseSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor"]) == 1
    told = capsys.readouterr().out
    assert "ok      Close (close_default): connected to http://127.0.0.1" in told
    assert "FAILED  Google Sheets (google_sheets_default): Airflow has no connection" in told
    assert "AIRFLOW_CONN_GOOGLE_SHEETS_DEFAULT" in told
    assert "ok      Lake (lake_default): not there yet: the first run of close_sync makes it" in told
    assert "ok      Alarms: off: nobody is told of a failure" in told
    proposal = told[told.index("# Proposed by") :]
    assert yaml.safe_load(proposal)["lead_statuses"]["customer"] == ["Kunde"]


def test_alarms_are_told_with_the_connection_that_lacks(
    connected: CloseSandbox,
    set_connection: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text('alerts: {slack_channel: "#revops", addresses: [ann@example.com]}', encoding="utf-8")
    monkeypatch.setenv("CLOSE_KPIS_SETTINGS", str(file))
    set_connection("slack_default", conn_type="slack", password="xoxb-secret")  # pragma: allowlist secret
    main(["doctor", "--out", str(tmp_path / "one.yaml")])
    assert "FAILED  Alarms: Airflow has no connection smtp_default" in capsys.readouterr().out
    set_connection("smtp_default", conn_type="smtp", host="127.0.0.1")
    main(["doctor", "--out", str(tmp_path / "other.yaml")])
    told = capsys.readouterr().out
    assert "ok      Alarms: on, to #revops (slack_default), ann@example.com (smtp_default)" in told
    assert "xoxb-secret" not in told


def test_lake_that_has_lost_its_catalog_is_told(
    connected: CloseSandbox, lake_connection: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = Path(lake_connection["data_path"])
    folder.mkdir(parents=True)
    (folder / "ducklake-1.parquet").touch()
    assert main(["doctor", "--out", str(tmp_path / "kpis.yaml")]) == 1
    assert "FAILED  Lake (lake_default): the lake has lost its catalog" in capsys.readouterr().out
    # Airflow in Docker reads it as another user.
    assert (tmp_path / "kpis.yaml").stat().st_mode & 0o777 == 0o644


def test_numbers_of_the_proposal_are_shown_and_what_they_are_made_of(
    tmp_path: Path, set_connection: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Before the first sync the records that were read count, after it the lake."""
    on = (datetime.now(UTC) - timedelta(days=40)).date()
    folder = write_account(
        tmp_path / "account",
        GERMAN_PATHS,
        pipelines=pipelines("Vertrieb"),
        opportunities=wins("pipe_0", [0, 4, 8], value=12_345, won_on=on.isoformat()),
    )
    with served(folder) as sandbox:
        set_connection("close_default", conn_type="close", password=sandbox.api_key, host=sandbox.url)
        main(["doctor", "--lake", str(tmp_path / "lake"), "--out", str(tmp_path / "kpis.yaml")])
        told = capsys.readouterr().out
        assert "from all 32 leads, 3 opportunities and 80 lead status changes that Close has." in told
        assert months(told)[f"{on:%Y-%m}"] == ["16", "0", "0", "370.35", "3", "0", "100%"]
        config = LakeConfig(f"sqlite:{tmp_path}/lake/catalog.sqlite", str(tmp_path / "lake" / "data"))
        con = connect(config)
        with transaction(con, config):
            load_account(con, folder, datetime.now(UTC))
        con.close()
        main(["doctor", "--pages", "1", "--lake", str(tmp_path / "lake")])
        told = capsys.readouterr().out
        assert "from all records of the lake, which is synced up to" in told
        assert months(told)[f"{on:%Y-%m}"][3] == "370.35"
    with served(
        write_account(tmp_path / "other", GERMAN_PATHS, organization=[{"id": "orga_b", "name": "B"}])
    ) as sandbox:
        set_connection("close_default", conn_type="close", password=sandbox.api_key, host=sandbox.url)
        main(["doctor", "--lake", str(tmp_path / "lake")])
        assert "of the lake, which is synced" not in capsys.readouterr().out


def months(told: str) -> dict[str, list[str]]:
    """The rows of the preview by month."""
    lines = [line.replace(" so far", "").split() for line in told.splitlines() if re.match(r"\d{4}-\d\d", line)]
    return {line[0]: line[1:] for line in lines}


@pytest.mark.slow
def test_preview_of_a_part_says_so(demo_company: Path) -> None:
    with served(demo_company) as sandbox:
        account = look(sandbox, pages=1)
    with open_source(account, "no_lake/") as source:
        found = answer(decide(account), source, "USD")
    assert "from a sample, the newest 1,000 leads, " in found.preview
    assert "A SAMPLE: older records are missing" in found.preview
    assert "Customers and MRR in the sample" in kpis_yaml(found.decisions)


@pytest.mark.slow
def test_key_that_does_not_see_all_leads_is_told(
    demo_company: Path, set_connection: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    user = json.loads((demo_company / "users.jsonl").read_text(encoding="utf-8").splitlines()[0])["id"]
    with CloseSandbox(demo_company, rate=0, search_rate=0, restricted_keys={"api_some": user}) as sandbox:
        for key, is_said in ((sandbox.api_key, False), ("api_some", True)):
            set_connection("close_default", conn_type="close", password=key, host=sandbox.url)
            main(["doctor", "--pages", "1", "--lake", "nowhere"])
            said = capsys.readouterr().out
            assert ("ITS ROLE, Restricted User, DOES NOT SEE ALL LEADS" in said) == is_said
            assert key not in said


@pytest.mark.parametrize(
    ("role", "said"), [("superuser", ""), ("role_x", "role_x, may not see"), (None, "may not see")]
)
def test_role_of_an_organisations_own_may_hide_leads(role: str | None, said: str) -> None:
    assert said in limits(role)
    assert bool(limits(role)) == bool(said)


def test_refused_key_is_said_without_showing_it(
    connected: CloseSandbox, set_connection: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    # pragma: allowlist nextline secret
    set_connection("close_default", conn_type="close", password="api_very.secret", host=connected.url)
    assert main(["doctor"]) == 1
    told = capsys.readouterr()
    assert "FAILED  Close (close_default): GET /me/: 401" in told.out
    assert "Proposed by" not in told.out
    assert "very.secret" not in told.out + told.err


def test_proposal_is_written_once_and_replaced_only_by_force(
    connected: CloseSandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "kpis.yaml"
    main(["doctor", "--out", str(file)])
    assert load(file).lead_statuses.trial == ("Testphase",)
    file.write_text("currency: EUR\n", encoding="utf-8")
    assert main(["doctor", "--out", str(file)]) == 2
    assert "is there already: name another file, or add --force" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == "currency: EUR\n"
    main(["doctor", "--out", str(file), "--force"])
    assert load(file).lead_statuses.trial == ("Testphase",)


@pytest.mark.slow
def test_samples_are_the_newest_and_their_sizes_are_told(
    demo_company: Path, set_connection: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    with served(demo_company) as sandbox:
        set_connection("close_default", conn_type="close", password=sandbox.api_key, host=sandbox.url)
        account = look(sandbox, pages=1)
        main(["doctor", "--pages", "1"])
    assert len(account.samples["leads"]) == 5 * 200
    assert "leads" not in account.whole
    told: Any = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["leads", "1000", "the", "newest"] in told
    assert ["meetings", "100", "the", "newest"] in told


def test_spreadsheet_is_opened_and_not_written_to(
    connected: CloseSandbox,
    sheets_sandbox: SheetsSandbox,
    set_connection: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    extra = {
        "keyfile_dict": json.dumps(sheets_sandbox.service_account_info()),
        "api_endpoint": sheets_sandbox.url,
        "spreadsheet_id": sheets_sandbox.create_spreadsheet("Our numbers"),
    }
    set_connection("google_sheets_default", conn_type="google_cloud_platform", extra=extra)
    assert main(["doctor"]) == 0
    assert "ok      Google Sheets (google_sheets_default): opened 'Our numbers' as" in capsys.readouterr().out
    assert not any("batchUpdate" in request.path for request in sheets_sandbox.requests)
