"""The step that takes the API key of Close."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from close_kpis.accounts import Account
from close_kpis.commands.doctor.findings import check_close
from close_kpis.commands.setup.connection import connection
from close_kpis.commands.setup.terminal import ask_secret, confirm, say
from close_kpis.standalone.env_file import close_connection

if TYPE_CHECKING:
    from close_kpis.commands.doctor.findings import Finding
    from close_kpis.standalone.env_file import EnvFile

WHERE = """In Close: Settings > Developer > API Keys > New API Key (https://app.close.com/settings/api/).
Take the key of a user with the role Admin: the key of a restricted user sees fewer leads, without any error."""

_KEY = re.compile(r"[\w.~+/=-]+", re.ASCII)
"""What a key is made of: it ends up inside JSON in docker-compose.yaml."""


def take_close_key(env: EnvFile) -> None:
    """Ask for an API key until one works, and store it; one that is there and works is kept.

    Raises:
        EOFError, KeyboardInterrupt: the user gave up.
    """
    values = env.values()
    if values.get("CLOSE_API_KEY"):
        finding = _try(values)
        if finding.works and not finding.is_limited:
            say(f"ok      Close: {finding.said}")
            return
        say(f"{'NOTE  ' if finding.works else 'FAILED'}  Close, with the key in {env.path.name}: {finding.said}")
        if finding.works and confirm("Keep this key all the same?", default=False):
            return
    say(WHERE)
    while True:
        key = ask_secret("API key of Close")
        if not _KEY.fullmatch(key):
            say("  That is no API key: one begins with api_ and has letters, digits, dots and underscores only.")
            continue
        finding = _try({**values, "CLOSE_API_KEY": key})
        say(f"{'ok    ' if finding.works else 'FAILED'}  Close: {finding.said}")
        if not finding.works:
            say("  Nothing was stored. Try again, or stop with Ctrl-C.")
            continue
        if finding.is_limited and not confirm("Take this key all the same?", default=False):
            continue
        env.save({"CLOSE_API_KEY": key})
        return


def _try(values: dict[str, str]) -> Finding:
    with connection(Account().close_conn, close_connection(values)) as conn_id:
        return check_close(conn_id)
