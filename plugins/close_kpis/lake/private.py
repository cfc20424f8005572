"""Who may read what this process writes."""

from __future__ import annotations

import os

OTHERS = 0o077
"""The rights of the group and of everybody else."""


def keep_private() -> None:
    """Let only their owner read the files that this process makes from now on: catalog, data, backup, spool and lock.

    They hold names, addresses and amounts of an account. DuckDB and SQLite make them with the process's mask, so that
    this is the one place. Who else may read a folder is said with a default access list on it (``setfacl -d``), which
    comes before the mask.
    """
    os.umask(os.umask(OTHERS) | OTHERS)
