"""``agreement``: the published numbers against what Close itself reports."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from close_kpis.commands.arguments import main
from close_kpis.paths import INCLUDE
from sandbox.close_api import CloseSandbox
from tests.conftest import COMPANY_DAY
from tests.support.lake import FreshLakes, lake_from_account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from close_kpis.lake.config import LakeConfig

SETTINGS = INCLUDE / "kpis.yaml"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, demo_company: Path) -> LakeConfig:
    """The demo company's lake, computed; not to be changed."""
    config = FreshLakes(tmp_path_factory.mktemp("lake")).config
    zone = ZoneInfo(yaml.safe_load(SETTINGS.read_text())["timezone"])
    as_of = datetime.combine(COMPANY_DAY, time.max, zone).astimezone(UTC)
    with lake_from_account(config, demo_company, SETTINGS, as_of):
        return config


@pytest.fixture
def sandbox(demo_company: Path, lake: LakeConfig, set_connection: Callable[..., None]) -> Iterator[CloseSandbox]:
    extra = {"catalog": lake.catalog, "data_path": lake.data_path}
    set_connection("lake_default", conn_type="ducklake", extra=extra)
    with CloseSandbox(demo_company, rate=0, search_rate=0) as running:
        set_connection("close_default", conn_type="close", password=running.api_key, host=running.url)
        yield running


def asked(month: str, capsys: pytest.CaptureFixture[str], settings: Path = SETTINGS) -> tuple[int, dict[str, Any]]:
    code = main(["agreement", month, "--format", "json", "--settings", str(settings)])
    return code, json.loads(capsys.readouterr().out)


def _is_won_in_march(deal: dict[str, Any]) -> bool:
    return deal["status_type"] == "won" and (deal["date_won"] or "").startswith("2026-03")


@pytest.mark.parametrize("month", ["2026-03", "2025-11"])
def test_demo_company_agrees_with_close_across_the_clock_change(
    sandbox: CloseSandbox, month: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = asked(month, capsys)
    assert [figure for figure in told["figures"] if figure["difference"]] == []
    assert told["figures"][0]["close"] > 0
    assert (code, told["differences"]) == (0, [])


def test_change_made_in_close_since_is_named_with_its_lead(
    sandbox: CloseSandbox, demo_company: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leads = [json.loads(line) for line in (demo_company / "leads.jsonl").read_text(encoding="utf-8").splitlines()]
    customer = next(lead for lead in leads if lead["status_label"] == "Customer")
    deals = (demo_company / "opportunities.jsonl").read_text(encoding="utf-8").splitlines()
    won = next(deal for deal in map(json.loads, deals) if _is_won_in_march(deal))
    churned = next(lead["status_id"] for lead in leads if lead["status_label"] == "Churned")
    sandbox.writer.update("leads", customer["id"], {"status_id": churned}, at="2026-03-30T12:00:00+00:00")
    sandbox.writer.update("opportunities", won["id"], {"value": won["value"] + 1})
    code, told = asked("2026-03", capsys)
    assert code == 1
    found = {one["what"].split(" in ")[0]: one for one in told["differences"]}
    assert found["status change only"]["link"] == f"https://app.close.com/lead/{customer['id']}/"
    [of_deal] = [one["what"] for one in told["differences"] if one["record"] == won["id"]]
    assert of_deal.startswith(f"value {(won['value'] + 1) / 100:,.2f} a ")
    assert any("Close answers as of now" in note for note in told["notes"])


def test_customers_by_opportunity_cannot_be_compared_and_that_is_said(
    sandbox: CloseSandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "kpis.yaml"
    text = SETTINGS.read_text(encoding="utf-8").replace("customer_basis: lead_status", "customer_basis: opportunity")
    other.write_text(text, encoding="utf-8")
    _, told = asked("2026-03", capsys, other)
    assert next(figure["what"] for figure in told["figures"]) == "Won opportunities, all pipelines"
    assert any("customer_basis is opportunity" in note for note in told["notes"])


def test_month_without_reports_is_refused(sandbox: CloseSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreement", "2019-01", "--settings", str(SETTINGS)]) == 2
    assert "the reports have no month 2019-01: they are from 2023-" in capsys.readouterr().err


def test_amounts_are_shown_as_amounts(sandbox: CloseSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    _, told = asked("2026-03", capsys)
    [value] = [one for one in told["figures"] if one["what"] == "Their annual value"]
    assert main(["agreement", "2026-03", "--settings", str(SETTINGS)]) == 0
    [line] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Their annual value")]
    assert line.split() == ["Their", "annual", "value", "(USD)", *[f"{value['close'] / 100:,.2f}"] * 2, "0.00"]
