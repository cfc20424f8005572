"""The command ``setup``."""

from __future__ import annotations

import os
import secrets
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from close_kpis.commands.errors import CommandError
from close_kpis.commands.setup.terminal import check_terminal, say
from close_kpis.settings.errors import SettingsError
from close_kpis.settings.file import load
from close_kpis.standalone.env_file import ADDRESS, EnvFile

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""

BEGIN = """Sets up your account: a key of Close, a Google account, a spreadsheet, and what your statuses mean.
What works is stored at once in {env}; Ctrl-C stops, and the same command goes on where it stopped.
"""

END = """
All is set up. Two ways on:

  docker compose up -d --build    with Docker; then switch close_sync on in http://{address}
  make run                        on this machine alone, without Docker

Airflow's login is admin with AIRFLOW_ADMIN_PASSWORD of {env}."""


def setup(options: argparse.Namespace) -> int:
    """Ask for what a real account needs, try it out, and store it.

    Returns:
        0 when all is set up, 130 when the user stopped.

    Raises:
        CommandError: there is no terminal, a file cannot be read or written, or something must be decided first.
        CloseError: Close stopped answering.
    """
    check_terminal()
    env = EnvFile(options.env, options.env.parent / ".env.example")
    try:
        with TemporaryDirectory(prefix="close-kpis-setup-") as home:
            # Airflow, whose connections are tried out, writes a configuration into its home.
            os.environ.setdefault("AIRFLOW_HOME", home)
            _steps(env, options)
    except (EOFError, KeyboardInterrupt):
        say(f"\nStopped. What worked is in {env.path}; the same command goes on from there.")
        return INTERRUPTED
    except UnicodeDecodeError:
        raise CommandError(f"{env.path} is no text in UTF-8: move it away, and run setup again") from None
    except OSError as error:
        raise CommandError(f"{error.filename or env.path}: {error.strerror}") from None
    return 0


def _steps(env: EnvFile, options: argparse.Namespace) -> None:
    from close_kpis.commands.setup.close_key import take_close_key
    from close_kpis.commands.setup.google_key import take_google_account, take_spreadsheet
    from close_kpis.commands.setup.kpi_settings import take_settings

    say(BEGIN.format(env=env.path))
    if made := _missing_secrets(env):
        env.save(made)
    say("1 of 4  Close")
    take_close_key(env)
    say("\n2 of 4  Google")
    account = take_google_account(env)
    say("\n3 of 4  The spreadsheet")
    take_spreadsheet(env, account, _named_spreadsheet(options.settings))
    say("\n4 of 4  What your statuses, pipelines and fields mean")
    take_settings(env, options.settings, options.lake, options.pages)
    say(END.format(env=env.path, address=env.values().get("AIRFLOW_ADDRESS") or ADDRESS))


def _missing_secrets(env: EnvFile) -> dict[str, str]:
    """Return new values of the secrets that nobody needs to think about, for those that are not there yet."""
    from cryptography.fernet import Fernet

    wanted = {
        "POSTGRES_PASSWORD": secrets.token_hex(24),
        "AIRFLOW_ADMIN_PASSWORD": secrets.token_hex(12),
        "AIRFLOW_FERNET_KEY": Fernet.generate_key().decode(),
        "AIRFLOW_JWT_SECRET": secrets.token_hex(64),
    }
    values = env.values()
    return {name: value for name, value in wanted.items() if not values.get(name)}


def _named_spreadsheet(file: Path) -> str | None:
    try:
        return load(file).workbook.spreadsheet_id
    except SettingsError:
        return None
