"""The whole pipeline on one machine: both sandboxes, ``airflow standalone`` and a first run.

``python -m sandbox.demo`` is what ``make demo`` runs. It needs nothing but the project's
packages, listens on loopback only, and stops all that it started.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from close_kpis.standalone.airflow import Airflow, airflow_env
from close_kpis.standalone.follow import RunFailedError, wait_for_publish
from close_kpis.standalone.processes import DidNotStartError
from sandbox.demo import account as demo_account
from sandbox.demo.results import CATALOG, prepare_out, write_results
from sandbox.demo.services import Services

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]
"""The project's folder."""


@dataclass(frozen=True)
class Options:
    """What the command line asks for.

    Attributes:
        account: an account folder; the demo company where None.
        settings: a settings file; the account's or the project's where None.
        as_of: the day at whose end the clock stands; today, moving, where None.
        out: the folder that takes the results, if any.
        once: stop after the first publish.
        timeout: seconds that the first run may take.
    """

    account: Path | None
    settings: Path | None
    as_of: date | None
    out: Path | None
    once: bool
    timeout: float


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line; an empty value counts as not given, as make passes them."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--account", default="", help="an account folder to serve instead of the demo company")
    parser.add_argument("--settings", default="", help="a kpis.yaml for it")
    parser.add_argument("--as-of", default="", help="YYYY-MM-DD: the clock stands at the end of that local day")
    parser.add_argument("--out", default="", help="a folder for workbook.json, runs.json and the lake")
    parser.add_argument("--once", default="", help="1: stop after the first publish")
    parser.add_argument("--timeout", type=float, default=900, help="seconds the first run may take")
    given = parser.parse_args(arguments)
    try:
        as_of = date.fromisoformat(given.as_of) if given.as_of else None
    except ValueError:
        parser.error(f"AS_OF={given.as_of}: write the day as YYYY-MM-DD")
    return Options(
        account=Path(given.account) if given.account else None,
        settings=Path(given.settings) if given.settings else None,
        as_of=as_of,
        out=Path(given.out).resolve() if given.out else None,
        once=given.once not in ("", "0"),
        timeout=given.timeout,
    )


def say(text: str) -> None:
    """Print a line of the demo's own story."""
    print(text, flush=True)


@contextlib.contextmanager
def running(options: Options, state: Path) -> Iterator[tuple[Airflow, Services]]:
    """Run the sandboxes and Airflow, set up and ready to be unpaused; stop them at the end."""
    account = demo_account.prepare_account(options.account, state / "account", options.as_of)
    settings, left_out = demo_account.prepare_settings(
        options.settings,
        None if options.account is None else account,
        ROOT / "include" / "kpis.yaml",
        state,
        options.as_of,
    )
    for name in left_out:
        say(f"  left out of the settings, the account has no such name: {name}")
    demo_account.check_settings(settings, ROOT)
    if options.out is not None:
        prepare_out(options.out)
    named = demo_account.read_settings(settings)
    lake = (options.out or state) / "lake"
    with contextlib.ExitStack() as stack:
        services = Services.start(
            account=account,
            spreadsheet_id=named.spreadsheet_id,
            as_of=demo_account.end_of_day(options.as_of, named.timezone) if options.as_of else None,
            folder=state,
            root=ROOT,
            stack=stack,
        )
        airflow = Airflow(
            airflow_env(
                state / "airflow",
                ROOT,
                CLOSE_KPIS_SETTINGS=str(settings),
                CLOSE_KPIS_AS_OF=str(options.as_of or ""),
                CLOSE_KPIS_TIMEZONE=named.timezone,
            )
        )
        stack.callback(airflow.stop)
        airflow.start()
        say("Airflow is starting ...")
        airflow.wait_until_healthy()
        airflow.create_pools()
        airflow.create_connections(services.connections(catalog=lake / CATALOG, data=lake / "data"))
        airflow.wait_for_dags()
        yield airflow, services


def demo(options: Options, state: Path) -> int:
    """Run the demo; return its exit status."""
    started = time.monotonic()
    with running(options, state) as (airflow, services):
        airflow.unpause("sales_kpis")
        airflow.unpause("sheets_publish")
        airflow.unpause("close_sync")
        try:
            wait_for_publish(airflow, options.timeout, say)
        except RunFailedError as error:
            if options.out is not None:
                write_results(options.out, airflow, services.workbook())
            say(f"\n{error}\n\nLogs: {state}")
            return 1
        if options.out is not None:
            write_results(options.out, airflow, services.workbook())
        say(f"\nPublished {time.monotonic() - started:.0f} s after the start.\n")
        say(f"  Workbook   {services.workbook_url}")
        say(f"  Airflow    {airflow.url}   login {airflow.user} / {airflow.password}")
        if not options.once:
            airflow.unpause("close_history")
            stay(airflow, services, options)
    return 0


def stay(airflow: Airflow, services: Services, options: Options) -> None:
    """Keep everything running until Ctrl-C, then leave the final results."""
    say("\nCtrl-C stops the demo and all that it started.")
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)
    say("\nStopping ...")
    if options.out is not None:
        write_results(options.out, airflow, services.workbook())


def main(arguments: Sequence[str]) -> int:
    """Run the demo in a folder of its own, which goes when it ends well."""
    options = parse(arguments)
    # A shell's background job ignores SIGINT, and its children would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    state = Path(tempfile.mkdtemp(prefix="close-kpis-demo-"))
    status: int = 1
    try:
        status = demo(options, state)
    except KeyboardInterrupt:
        say("\nStopped.")
        status = 130
    except demo_account.BadAccountError as error:
        say(str(error))
        shutil.rmtree(state, ignore_errors=True)
    except (DidNotStartError, FileExistsError) as error:
        say(f"{error}\n\nLogs: {state}")
    finally:
        if status != 1:
            shutil.rmtree(state, ignore_errors=True)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
