"""``doctor``: connections, and a kpis.yaml that fits the account or says what could not be decided."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from close_kpis.close.client import ClientConfig, CloseClient
from close_kpis.commands.arguments import main
from close_kpis.commands.doctor.decisions import decide
from close_kpis.commands.doctor.kpis_yaml import kpis_yaml
from close_kpis.commands.doctor.sample import Account, read_account
from close_kpis.commands.doctor.statuses import role_by_name
from close_kpis.paths import INCLUDE
from close_kpis.settings.account import resolve
from close_kpis.settings.file import Settings, load
from sandbox.close_api import CloseSandbox
from tests.commands.accounts import GERMAN_PATHS, PATHS_WITHOUT_TRIAL, field, meetings, pipelines, write_account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.sheets_api import SheetsSandbox

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
DEMO_SETTINGS = INCLUDE / "kpis.yaml"


def look(sandbox: CloseSandbox, pages: int = 10) -> Account:
    async def read() -> Account:
        async with CloseClient(ClientConfig(sandbox.api_key, sandbox.url)) as client:
            return await read_account(client, pages)

    return asyncio.run(read())


@contextmanager
def served(folder: Path) -> Iterator[CloseSandbox]:
    with CloseSandbox(folder, rate=0, search_rate=0) as sandbox:
        yield sandbox


def proposed(account: Account, folder: Path, kept: Settings | None = None) -> tuple[str, Settings]:
    """The proposal's text and what it loads as; it must fit the account."""
    text = kpis_yaml(decide(account, kept))
    file = folder / "proposal.yaml"
    file.write_text(text, encoding="utf-8")
    settings = load(file)
    resolve(settings, account.names())
    return text, settings


def of_folder(folder: Path, tmp_path: Path) -> tuple[str, Settings]:
    with served(folder) as sandbox:
        return proposed(look(sandbox), tmp_path)


def test_demo_company_gets_the_settings_it_has(demo_company: Path, tmp_path: Path) -> None:
    with served(demo_company) as sandbox:
        account = look(sandbox)
        written = {request.path for request in sandbox.requests if request.method != "GET"}
    demo = load(DEMO_SETTINGS)
    text, settings = proposed(account, tmp_path)
    assert settings.model_dump(exclude={"holidays"}) == demo.model_dump(exclude={"holidays"})
    assert "NOT DECIDED: Close knows no holidays" in text
    assert text.count("NOT DECIDED:") == 1
    assert proposed(account, tmp_path, kept=demo)[1] == demo
    assert account.requests < 80
    assert written == {"/data/search/"}


def test_account_with_two_fields_of_one_name_gets_the_one_in_use_by_its_id(tmp_path: Path) -> None:
    folder = FIXTURES / "odd_account"
    text, settings = of_folder(folder, tmp_path)
    hand_written = load(folder / "kpis.yaml")
    assert settings.model_dump(exclude={"history_start"}) == hand_written.model_dump(exclude={"history_start"})
    assert "Not chosen: 'cf_sourceOld' (Source)" in text


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
    assert (settings.source_field, settings.owner_field, settings.currency) == ("Herkunft", "Betreuer", "EUR")
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
        "NOT DECIDED: lead_status needs a customer status",
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
    ],
)
def test_names_of_statuses(label: str, role: str) -> None:
    assert role_by_name(label) == role


def test_labels_of_any_form_make_a_file_that_loads(tmp_path: Path) -> None:
    paths = (("a: b\n# c", "Customer: 'x' #1 \u2028", 'Lost - "y"'), ("Trial {z}", "Customer: 'x' #1 \u2028"))
    _, settings = of_folder(write_account(tmp_path / "account", paths), tmp_path)
    assert settings.lead_statuses.trial == ("Trial {z}",)
    assert settings.lead_statuses.customer == ("Customer: 'x' #1 \u2028",)


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
    proposal = told[told.index("# Proposed by") :]
    assert yaml.safe_load(proposal)["lead_statuses"]["customer"] == ["Kunde"]


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


def test_samples_are_the_newest_and_their_sizes_are_told(
    demo_company: Path, set_connection: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    with served(demo_company) as sandbox:
        set_connection("close_default", conn_type="close", password=sandbox.api_key, host=sandbox.url)
        account = look(sandbox, pages=1)
        main(["doctor", "--pages", "1"])
    assert len(account.samples["leads"]) == 200
    assert "leads" not in account.whole
    told: Any = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["leads", "200", "the", "newest"] in told
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
