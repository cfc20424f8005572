"""Pages of the documentation site that follow from the project's own files.

They are the definitions, the data dictionary and the worked examples.

MkDocs calls the functions named ``on_...``. Source: https://www.mkdocs.org/dev-guide/plugins/#events
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "plugins"))

from close_kpis.kpis.registry import UNIT_NAMES, Definitions, KpiTable, load_definitions  # noqa: E402
from close_kpis.lake.sql import statement  # noqa: E402

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

EXAMPLES = ROOT / "tests" / "worked_examples"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages to those of the folder docs."""
    from mkdocs.structure.files import File

    for name, text in pages().items():
        files.append(File.generated(config, name, content=text))
    return files


def pages() -> dict[str, str]:
    """Return the generated pages: Markdown by the name of the page's file."""
    definitions = load_definitions().with_choices(rate_denominator="opening", count_automated_emails=False)
    return {
        "definitions.md": definitions_page(definitions),
        "data-dictionary.md": dictionary_page(definitions),
        "worked-examples.md": examples_page(),
    }


def definitions_page(definitions: Definitions) -> str:
    """Return what every number means, as the Definitions tab tells it."""
    lines = [
        "# Definitions",
        "",
        "What every number means, under the default settings. The workbook's tab *Definitions* and its cell notes say "
        "the same under the settings in force. Source: `include/definitions.yaml`.",
    ]
    for report in definitions.reports.values():
        lines += ["", f"## {report.title}", "", f"{report.grain[0].upper()}{report.grain[1:]}.", ""]
        lines += ["| KPI | unit | definition | formula |", "|---|---|---|---|"]
        lines += [
            f"| {kpi.label} | {UNIT_NAMES[kpi.unit]} | {_cell(kpi.definition)} | {_cell(kpi.formula)} |"
            for kpi in report.kpis.values()
        ]
    lines += ["", "## Rows below the months of each year", "", "| row | definition |", "|---|---|"]
    lines += [f"| {row.label} | {_cell(row.definition)} |" for row in definitions.summary_rows.values()]
    lines += ["", "## What always holds", "", "| | |", "|---|---|"]
    lines += [f"| {what} | {_cell(text)} |" for what, text in definitions.always.items()]
    lines += ["", "## Data quality: warnings", "", "| rule | meaning | what to do |", "|---|---|---|"]
    lines += [
        f"| {rule.label} (`{name}`) | {_cell(rule.definition)} | {_cell(rule.remedy)} |"
        for name, rule in definitions.quality_rules.items()
    ]
    lines += ["", "## Gates: what stops a publish", "", "| rule | what holds | remedy |", "|---|---|---|"]
    lines += [
        f"| `{name}` | {_cell(gate.definition)} | {_cell(gate.remedy)} |" for name, gate in definitions.gates.items()
    ]
    return "\n".join(lines) + "\n"


def dictionary_page(definitions: Definitions) -> str:
    """Return every table of schema kpi with its columns."""
    lines = [
        "# Data dictionary",
        "",
        "The tables of the lake's schema `kpi`: months are first days, `_cents` are integers unless an average, rates "
        "are fractions. Any DuckDB can read them; a demo with `OUT=folder` leaves `lake/attach.sql` with the "
        "statements, to be run in that folder.",
    ]
    for name, table in definitions.tables.items():
        grain = ", ".join(f"`{column}`" for column in table.grain) or "one row"
        lines += ["", f"## kpi.{name}", "", _description(name, table), "", f"Grain: {grain}.", ""]
        lines += ["| column | unit | what it is |", "|---|---|---|"]
        lines += [f"| `{key}` | | {_cell(definitions.columns[key].definition)} |" for key in table.columns]
        lines += [
            f"| `{column}` | {_unit(kpi.unit)} | {kpi.label}. {_cell(kpi.definition)} |"
            for column, kpi in definitions.kpis_of(name).items()
        ]
    return "\n".join(lines) + "\n"


def examples_page() -> str:
    """Return the worked examples: each number, derived by hand."""
    lines = [
        "# Worked examples",
        "",
        "For each KPI a small account under `tests/worked_examples`, and the number derived by hand from it. A test "
        "computes each account; `make demo ACCOUNT=tests/worked_examples/churn_rate AS_OF=2026-04-15` shows one in the "
        "workbook.",
    ]
    for path in sorted(EXAMPLES.glob("*/expected.yaml")):
        text = path.read_text(encoding="utf-8")
        derivation = " ".join(line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#"))
        said = yaml.safe_load(text)
        where = ", ".join(f"{key} {value}" for key, value in said["where"].items())
        expected = ", ".join(f"`{key}` = {value}" for key, value in said["expected"].items())
        lines += [
            "",
            f"## {path.parent.name}",
            "",
            _cell(derivation),
            "",
            f"`kpi.{said['table']}`, {where}: {expected}.",
        ]
    return "\n".join(lines) + "\n"


def _description(name: str, table: KpiTable) -> str:
    """Return what a table holds: what the model's own comment says, or the registry."""
    if table.about:
        return _cell(table.about)
    head = re.match(r"(?:--.*\n)+", statement(f"kpis/{name}"))
    text = " ".join(line.removeprefix("--").strip() for line in head[0].splitlines()) if head else ""
    return _cell(text.partition("Grain: ")[0])


def _unit(unit: str) -> str:
    return {"money": "cents", "mrr": "annual cents", "rate": "fraction"}.get(unit, unit)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").strip()
