"""Where a lake is, and what can go wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from close_kpis.masking import keep_secret, masked
from close_kpis.reporting import PipelineError

if TYPE_CHECKING:
    from collections.abc import Iterator

KEEP_DAYS, MOST_DAYS = 30, 36_500
"""For how many days snapshots are kept by default, and at most."""


class LakeError(PipelineError):
    """The lake cannot be opened or written."""


class CommitConflictError(LakeError):
    """Another writer was faster; the unit of work can be run again."""


class NoCatalogError(LakeError):
    """There is no lake: no catalog, or an empty one."""

    def __init__(self, config: LakeConfig) -> None:
        super().__init__(f"there is no lake at {config.place} yet: run the DAG close_sync first")


class LostCatalogError(LakeError):
    """There is no catalog, but there are data files: a lake has lost it.

    Attributes:
        files: how many there are.
    """

    def __init__(self, config: LakeConfig, files: int, folder: str) -> None:
        self.files = files
        super().__init__(
            f"the lake has lost its catalog: {config.place} {config.without}, but {files:,} data file(s) lie in "
            f"{folder}, which nobody can read without it. Nothing was changed. Put the catalog back (mount its "
            "disk, restore a backup), then clear the task. If it is gone for good: python -m close_kpis lake create "
            "--anew sets the files aside and makes an empty lake, lake restore brings back what was published, and "
            "close_sync reads Close again"
        )


class LostLakeError(LakeError):
    """There are neither catalog nor data files, but a backup: a lake is gone, or its disk is not mounted."""

    def __init__(self, config: LakeConfig) -> None:
        super().__init__(
            f"the lake is gone: {config.place} {config.without} and {config.data_path} has no data files, but a backup "
            f"of what it published lies in {config.backup_folder}. Nothing was changed. Mount the lake's disk, then "
            "clear the task. If it is gone for good: python -m close_kpis lake create --anew makes an empty lake, lake "
            "restore brings back what was published, and close_sync reads Close again"
        )


@dataclass(frozen=True)
class LakeConfig:
    """Where a lake is and how to get in.

    Attributes:
        catalog: ``sqlite:<file>`` or ``postgres:<libpq connection string without the password>``.
        data_path: the folder of the Parquet files, or ``s3://bucket/prefix``.
        password: of the PostgreSQL catalog.
        backup_path: the folder, or ``s3://bucket/prefix``, of the backup; None for one beside the data path.
        s3_key_id: access key of the object store; None for one that asks for none.
        s3_secret: its secret.
        s3_endpoint: ``host:port`` of an S3-compatible store, None for AWS.
        s3_region: region of the bucket.
        s3_url_style: ``vhost`` or ``path``.
        s3_use_ssl: False for a store without TLS.
        s3_credential_chain: the credentials are those of the machine: its role, or what its AWS tools are set up with.
        keep_days: days for which every snapshot is kept; older ones only as far as somebody may ask for them.
        memory_limit: bytes that DuckDB may take, None for what the machine or the container has (`memory.py`).
    """

    catalog: str
    data_path: str
    password: str | None = field(default=None, repr=False)
    s3_key_id: str | None = None
    s3_secret: str | None = field(default=None, repr=False)
    s3_endpoint: str | None = None
    s3_region: str | None = None
    s3_url_style: str | None = None
    s3_use_ssl: bool = True
    backup_path: str | None = None
    s3_credential_chain: bool = False
    keep_days: int = KEEP_DAYS
    memory_limit: int | None = None

    def __post_init__(self) -> None:
        """Check the kind of catalog and the days to keep; mask what is secret in all that is said from here on."""
        keep_secret(self.password, self.s3_secret, *_passwords(self.catalog))
        if self.kind not in {"sqlite", "postgres"} or not self.location:
            raise LakeError(
                f"lake catalog {self.shown!r} is neither sqlite:<file> nor postgres:<connection string>: "
                "correct the field `catalog` in the extra of the lake's Airflow connection"
            )
        if not 1 <= self.keep_days <= MOST_DAYS:
            raise LakeError(
                f"the lake cannot keep its snapshots for {self.keep_days} days: correct the field `keep_days` in the "
                f"extra of the lake's Airflow connection, 1 to {MOST_DAYS}"
            )
        if self.kind == "postgres":
            keep_secret(*_parsed_passwords(self.location))

    def __repr__(self) -> str:
        """Return where the lake is."""
        return f"LakeConfig(catalog={self.shown!r}, data_path={masked(self.data_path)!r})"

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgres``."""
        return self.catalog.partition(":")[0]

    @property
    def location(self) -> str:
        """The catalog file, or the libpq connection string."""
        return self.catalog.partition(":")[2]

    @property
    def backup_folder(self) -> str:
        """Where the backup lies, absolute and with its last slash: not in the data path, which is the lake's own."""
        path = self.backup_path or f"{self.data_path.rstrip('/')}-backup"
        path = path if "://" in path else str(Path(path).resolve())
        return f"{path.rstrip('/')}/"

    @property
    def place(self) -> str:
        """Where the catalog is, as it may be shown."""
        return self.location if self.kind == "sqlite" else f"the PostgreSQL database ({self.shown})"

    @property
    def without(self) -> str:
        """What is said of the place of a catalog that is not there."""
        if self.kind == "sqlite" and not Path(self.location).exists():
            return "does not exist"
        is_empty = self.kind == "sqlite" and not Path(self.location).stat().st_size
        return "is an empty file" if is_empty else "has no tables of a lake"

    @property
    def shown(self) -> str:
        """The catalog as it may be shown: a password in it is left out."""
        return masked(self.catalog)


def _passwords(catalog: str) -> Iterator[str]:
    """Yield what an address may mean as its password: all up to the last ``@``, which should be percent-encoded."""
    if found := re.search(r"://[^:/@\s]*:(.*)@", catalog):
        yield found[1]


def _parsed_passwords(location: str) -> Iterator[str]:
    """Yield the passwords that PostgreSQL's own client finds in a connection string.

    Raises:
        LakeError: it finds no connection string there; its own words would repeat parts of it.
    """
    import psycopg2  # type: ignore[import-untyped]
    from psycopg2.extensions import parse_dsn  # type: ignore[import-untyped]

    try:
        parsed = parse_dsn(location)
    except psycopg2.Error:
        raise LakeError(
            "the lake's catalog is no connection string that PostgreSQL reads (it is not shown, since it may hold a "
            "password): write postgres:host=... dbname=... user=... into the field `catalog` in the extra of the "
            "lake's Airflow connection, values with spaces in single quotes, and the password into the connection's own"
        ) from None
    yield from (parsed[name] for name in ("password", "sslpassword") if name in parsed)


def unreachable(config: LakeConfig) -> str:
    """Return what to say when a PostgreSQL catalog does not answer."""
    return (
        f"cannot open the lake's PostgreSQL catalog ({config.shown}): check that the server runs, that the "
        "database exists, and the password of the lake's Airflow connection"
    )
