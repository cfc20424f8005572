"""The Close accounts (organisations) that this Airflow reports on: one, or several side by side that share nothing.

Which there are is said by the environment, ``CLOSE_KPIS_ACCOUNTS=emea,us``: a DAG file may not read a file when it is
loaded. Without it there is one, whose DAGs, connections and pools have plain names.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from close_kpis.paths import INCLUDE

VARIABLE = "CLOSE_KPIS_ACCOUNTS"

LAKE_POOL, CLOSE_POOL = "lake", "close_api"

POOLS = {
    LAKE_POOL: (1, "Writers of the lake, one at a time"),
    CLOSE_POOL: (4, "Tasks that read the Close API"),
}
"""The pools of an account: slots and description.

``lake`` has one slot: the tasks that compute on the lake and publish from it run one at a time, also when a backfill,
which ignores a DAG's ``max_active_runs``, starts many runs. The slots of ``close_api`` bound how many tasks share the
API key's rate limit.
"""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST = 40
_DAGS = re.compile(
    r"\b(close_(history|sync|raw_month|raw_synced)|sales_kpis|sheets_publish|kpi_digest|lake_maintenance)\b"
)
_CONNECTIONS = re.compile(r"\b(close|lake|google_sheets)_default\b")


@dataclass(frozen=True)
class Account:
    """A Close account, and what everything that belongs to it is called.

    Attributes:
        name: empty for the only one.
    """

    name: str = ""

    def prefixed(self, name: str) -> str:
        """Return what a DAG, an asset or a pool of the account is called: ``emea_close_sync``."""
        return f"{self.name}_{name}" if self.name else name

    def told(self, text: str) -> str:
        """Return a text about the pipeline with the names that its DAGs, connections and settings have here."""
        if not self.name:
            return text
        text = _DAGS.sub(lambda found: self.prefixed(found[0]), text)
        return _CONNECTIONS.sub(rf"\1_{self.name}", text).replace("kpis.yaml", f"{self.name}.yaml")

    @property
    def close_conn(self) -> str:
        """The Airflow connection of Close."""
        return self._connection("close")

    @property
    def lake_conn(self) -> str:
        """The Airflow connection of the lake."""
        return self._connection("lake")

    @property
    def sheets_conn(self) -> str:
        """The Airflow connection of Google."""
        return self._connection("google_sheets")

    @property
    def settings_file(self) -> Path:
        """The kpis.yaml: ``CLOSE_KPIS_SETTINGS``, else ``include/kpis.yaml``.

        Of several accounts that variable names the folder in which each has a file with its name, else it is
        ``include/accounts``.
        """
        said = os.environ.get("CLOSE_KPIS_SETTINGS")
        if self.name:
            return Path(said or INCLUDE / "accounts") / f"{self.name}.yaml"
        return Path(said or INCLUDE / "kpis.yaml")

    def _connection(self, kind: str) -> str:
        return f"{kind}_{self.name or 'default'}"


def _accounts(said: str) -> tuple[Account, ...]:
    """Return the accounts that the environment names.

    Raises:
        ValueError: it names none in a way that DAG ids can have; Airflow shows that as the import error of the DAGs.
    """
    names = [name.strip() for name in said.split(",") if name.strip()]
    for name in names:
        if not _NAME.fullmatch(name) or name == "default" or len(name) > _LONGEST or names.count(name) > 1:
            raise ValueError(
                f"{VARIABLE}={said!r}: {name!r} cannot name an account: a short name each, of lower-case letters, "
                "digits and underscores, none twice, such as emea,us"
            )
    return tuple(map(Account, names)) or (Account(),)


ACCOUNTS = _accounts(os.environ.get(VARIABLE, ""))
"""All accounts, in the order in which the environment names them."""


def pools() -> dict[str, tuple[int, str]]:
    """Return the pools of all accounts: slots and description."""
    return {
        account.prefixed(name): (slots, f"{description} ({account.name})" if account.name else description)
        for account in ACCOUNTS
        for name, (slots, description) in POOLS.items()
    }
