"""The command line: which command, with what."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from close_kpis.accounts import ACCOUNTS, VARIABLE, Account
from close_kpis.reporting import Lines, PipelineError, readable

if TYPE_CHECKING:
    from collections.abc import Sequence

OF_ACCOUNT = ""
"""In place of a connection: the one of the account that is asked for."""

FAILED = 2
"""Exit status when a question could not be answered; 1 means that it was, and the answer is bad news."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: None takes those of the process.

    Returns:
        0; 1 when a connection fails, numbers do not agree or settings are refused; 2 when the question could not be
        answered.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines("%(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    options = _parser().parse_args(arguments)
    _fill_in(options)
    try:
        return _run(options)
    except BrokenPipeError:
        # The reader, head for example, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except PipelineError as error:
        print(f"close_kpis {options.command}: {error}", file=sys.stderr)
        return FAILED
    except Exception as error:
        said = "".join(traceback.format_exception(error)).rstrip()
        told = f"{said}\nclose_kpis {options.command}: a fault of the program: please report it"
        print(readable(told), file=sys.stderr)
        return FAILED


def _run(options: argparse.Namespace) -> int:
    match options.command:
        case "setup":
            from close_kpis.commands.setup.command import setup

            return setup(options)
        case "run":
            from close_kpis.standalone.run import run

            return run(options)
        case "explain":
            from close_kpis.commands.explain.command import explain

            return explain(options)
        case "doctor":
            from close_kpis.commands.doctor.command import doctor

            return doctor(options)
        case "check-settings":
            from close_kpis.commands.check_settings import check_settings

            return check_settings(options)
        case "digest":
            from close_kpis.commands.digest import digest

            return digest(options)
        case "selftest":
            if options.close:
                from close_kpis.commands.selftest.close import selftest_close

                return selftest_close(options)
            from close_kpis.commands.selftest.command import selftest

            return selftest(options)
        case "preview":
            from close_kpis.commands.preview import preview

            return preview(options)
        case "pools":
            from close_kpis.commands.pools import show_pools

            return show_pools()
        case "lake":
            from close_kpis.commands.lake import lake

            return lake(options)
        case _:
            from close_kpis.commands.agreement.command import agreement

            return agreement(options)


def _fill_in(options: argparse.Namespace) -> None:
    """Give the options that are left out the connections and the settings of the account that is asked for."""
    account = options.account = Account(getattr(options, "account", ""))
    conn_ids = {
        "close": account.close_conn,
        "lake": account.lake_conn,
        "sheets": account.sheets_conn,
    }
    for name, value in conn_ids.items():
        if getattr(options, name, value) == OF_ACCOUNT:
            setattr(options, name, value)
    if getattr(options, "settings", None) is None:
        options.settings = account.settings_file


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m close_kpis", description="Ask about an account and its KPIs.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    _add_setup(commands.add_parser("setup", help="set up a real account, in a dialogue"))
    _add_run(commands.add_parser("run", help="run everything on this machine, without Docker"))
    _add_doctor(commands.add_parser("doctor", help="test the connections and propose a kpis.yaml"))
    _add_check_settings(commands.add_parser("check-settings", help="say what is wrong with a kpis.yaml"))
    _add_explain(commands.add_parser("explain", help="list the records behind a number"))
    _add_agreement(commands.add_parser("agreement", help="compare a month with Close's own reports"))
    _add_digest(commands.add_parser("digest", help="show the digest that would be sent"))
    _add_preview(commands.add_parser("preview", help="write the workbook as a page and an Excel file"))
    _add_selftest(commands.add_parser("selftest", help="try a publish on a spreadsheet, or read Close's lists"))
    _add_pools(commands.add_parser("pools", help="show the pools that Airflow needs, for airflow pools import"))
    _add_lake_work(commands.add_parser("lake", help="create a lake, or restore what was published"))
    return parser


def _add_setup(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Ask for what a real account needs, try each out, and store it in .env, secrets/ and include/kpis.yaml. What "
        "is there and works is not asked for again."
    )
    _add_files(parser)
    parser.add_argument("--lake", default="state/lake", metavar="ID", help="of the preview, once it is there")
    parser.add_argument("--pages", type=int, default=10, help="pages of each stream to look at (default: %(default)s)")


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Run Airflow with the account of .env on this machine; Ctrl-C stops it, and it goes on where it was."
    )
    _add_files(parser)
    parser.add_argument("--state", type=Path, default=Path("state"), metavar="FOLDER", help="default: %(default)s")
    parser.add_argument("--once", action="store_true", help="stop after the first publish")


def _add_files(parser: argparse.ArgumentParser) -> None:
    from close_kpis.paths import INCLUDE

    parser.add_argument(
        "--env", type=Path, default=INCLUDE.parent / ".env", metavar="FILE", help="default: %(default)s"
    )
    parser.add_argument(
        "--settings",
        type=Path,
        default=Account().settings_file,
        metavar="FILE",
        help="the kpis.yaml (default: %(default)s)",
    )


def _add_explain(parser: argparse.ArgumentParser) -> None:
    from close_kpis.kpis.registry import load_definitions

    parser.description = (
        "List the records behind a cell of the workbook, with links to Close, and check that they add up to it."
    )
    parser.add_argument("report", choices=(*load_definitions().reports, "insights"), help="which report")
    parser.add_argument(
        "month",
        help="YYYY-MM or YYYY; for sources the month in which the leads were created, or all; for cohorts that at "
        "whose end they were customers first; for the pipeline, its stages and the insights now",
    )
    parser.add_argument("kpi", help="a column of the report's table, or its label in the workbook; or an insight")
    parser.add_argument(
        "--rep", "--user", dest="rep", help="of reps and insights: a name, e-mail address, id, or Unassigned"
    )
    parser.add_argument("--source", help="of sources: one source")
    parser.add_argument("--age", type=int, metavar="MONTHS", help="of cohorts: how many months after the cohort's")
    parser.add_argument("--pipeline", help="of the pipeline: one pipeline, with --stage")
    parser.add_argument("--stage", help="of the pipeline: one stage, with --pipeline")
    parser.add_argument(
        "--row", choices=("year", "average", "yoy"), help="of growth and a year: which row below its months (year)"
    )
    _add_account(parser)
    _add_format(parser)
    _add_lake(parser)


def _add_agreement(parser: argparse.ArgumentParser) -> None:
    parser.description = "Compare a month's customers and won opportunities with what Close itself reports."
    parser.add_argument("month", help="YYYY-MM")
    _add_account(parser)
    _add_close(parser)
    _add_format(parser)
    _add_lake(parser)


def _add_digest(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Show what each audience of the section digest in kpis.yaml would get now. Nothing is sent or recorded."
    )
    parser.add_argument("--preview", type=Path, metavar="FILE", help="write a page (HTML) that shows it with its looks")
    parser.add_argument("--audience", metavar="NAME", help="only this one")
    _add_account(parser)
    _add_sheets(parser)
    _add_lake(parser)


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    parser.description = "Test the connections, look at the account, and propose a kpis.yaml with reasons."
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the proposal there")
    parser.add_argument("--force", action="store_true", help="replace the file of --out")
    parser.add_argument(
        "--keep", type=Path, metavar="FILE", help="take over what Close cannot know (holidays, ...) from these settings"
    )
    parser.add_argument(
        "--pages",
        type=int,
        default=10,
        help="pages of each stream to look at, and five times as many of leads, their status changes and opportunities "
        "(default: %(default)s)",
    )
    _add_account(parser)
    _add_close(parser)
    _add_sheets(parser)
    parser.add_argument("--lake", default=OF_ACCOUNT, metavar="ID", help="of the lake, or its folder")


def _add_check_settings(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Say what is wrong with a kpis.yaml, with the line; and, where the lake can be reached, which names the "
        "account does not have."
    )
    _add_account(parser)
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="default: the pipeline's kpis.yaml")
    parser.add_argument(
        "--lake", metavar="ID", help="Airflow connection, or the lake's folder (default: the account's, if it is there)"
    )
    parser.add_argument("--offline", action="store_true", help="look at the file only")


def _add_selftest(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Publish a small made-up workbook into two new tabs of a spreadsheet, do what readers do, publish again, "
        "compare, and remove the tabs. The report says which kinds of requests Google accepted and what it refused. "
        "Or read one page of each list of a Close account, and say what is unlike what the pipeline relies on; that "
        "report names fields and types, no value."
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--spreadsheet", metavar="ID", help="its id or address; other tabs are left alone")
    what.add_argument(
        "--close",
        nargs="?",
        const=OF_ACCOUNT,
        metavar="ID",
        help="Airflow connection of Close (default: the account's); it is only read",
    )
    _add_account(parser)
    _add_sheets(parser)
    parser.add_argument("--record", type=Path, metavar="FILE", help="keep the traffic there, without headers and keys")
    parser.add_argument("--keep", action="store_true", help="leave the tabs there, to look at")


def _add_preview(parser: argparse.ArgumentParser) -> None:
    parser.description = "Write the workbook of the last computation as a page and an Excel file, without Google."
    parser.add_argument("--out", type=Path, default=Path("preview"), metavar="FOLDER", help="default: %(default)s")
    _add_account(parser)
    _add_lake(parser)


def _add_close(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--close", default=OF_ACCOUNT, metavar="ID", help="Airflow connection of Close")


def _add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table")


def _add_lake(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lake", default=OF_ACCOUNT, metavar="ID", help="Airflow connection, or the lake's folder")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="default: the account's kpis.yaml")


def _add_sheets(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sheets", default=OF_ACCOUNT, metavar="ID", help="Airflow connection of Google")


def _add_account(parser: argparse.ArgumentParser) -> None:
    names = [account.name for account in ACCOUNTS if account.name]
    if names:
        parser.add_argument("--account", choices=names, required=True, help=f"which of those that {VARIABLE} names")


def _add_pools(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Show the pools of all accounts as JSON: python -m close_kpis pools > pools.json; airflow pools import "
        "pools.json"
    )


def _add_lake_work(parser: argparse.ArgumentParser) -> None:
    parser.description = "What is done to a lake by hand: create it, restore into it what was published."
    work = parser.add_subparsers(dest="work", required=True, metavar="work")
    create = work.add_parser("create", help="make an empty lake")
    create.add_argument(
        "--anew", action="store_true", help="also where a lake has lost its catalog: its files are set aside"
    )
    restore = work.add_parser("restore", help="bring back what the lake before had published, from its backup")
    restore.add_argument("--replace", action="store_true", help="give up what this lake has published since")
    restore.add_argument(
        "--from",
        dest="folder",
        metavar="FOLDER",
        help="one copy, by its folder, also of this lake (default: the newest)",
    )
    for one in (create, restore):
        _add_account(one)
        one.add_argument("--lake", default=OF_ACCOUNT, metavar="ID", help="Airflow connection, or the lake's folder")
        one.add_argument("--backup", metavar="FOLDER", help="where the backup lies (default: what the connection says)")
