"""The Airflow hook of the lake: DuckLake through any common-SQL operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.common.sql.hooks.sql import DbApiHook

from close_kpis.lake.config import KEEP_DAYS, LakeConfig, LakeError
from close_kpis.lake.connection import connect
from close_kpis.lake.memory import read_size
from close_kpis.masking import keep_connection

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_STORE_FIELDS = ("s3_key_id", "s3_secret", "s3_endpoint", "s3_region", "s3_url_style")


class LakeSession:
    """A connection to the lake as DB-API code expects one: cursors share its transaction and settings.

    A cursor of DuckDB itself is another connection, in which the lake is not the current database.
    """

    def __init__(self, con: DuckDBPyConnection) -> None:
        self._con = con

    def __getattr__(self, name: str) -> Any:
        """Do everything else as DuckDB's connection does."""
        return getattr(self._con, name)

    def cursor(self) -> LakeCursor:
        """Begin a transaction, which ends with `commit` or `rollback`."""
        self._con.begin()
        return LakeCursor(self._con)


class LakeCursor:
    """A cursor of a `LakeSession`; closing it leaves the session open."""

    def __init__(self, con: DuckDBPyConnection) -> None:
        self._con = con

    def __getattr__(self, name: str) -> Any:
        """Do everything else as DuckDB's connection does."""
        return getattr(self._con, name)

    def close(self) -> None:
        """Do nothing."""


class LakeHook(DbApiHook):
    """Opens the lake that an Airflow connection of type ``ducklake`` describes.

    The connection's extra holds ``catalog`` (``sqlite:/path/catalog.sqlite`` or ``postgres:host=...
    dbname=...``) and ``data_path`` (a folder or ``s3://bucket/prefix``), maybe ``backup_path`` (another one; beside
    the data path by default), for an object store also ``s3_key_id``, ``s3_secret``, ``s3_endpoint``, ``s3_region``,
    ``s3_url_style`` and ``s3_use_ssl``, or ``s3_credential_chain`` in place of the key; maybe ``keep_days``, for which
    every snapshot is kept; ``memory_limit``, such as ``2GB``, is what DuckDB may take; its password is that of the
    PostgreSQL catalog.
    """

    conn_name_attr = "lake_conn_id"
    default_conn_name = "lake_default"
    conn_type = "ducklake"
    hook_name = "DuckLake"
    supports_autocommit = False
    _test_connection_sql = "select 1"
    placeholder = "?"

    @property
    def config(self) -> LakeConfig:
        """Where the lake is and how to get in.

        Raises:
            LakeError: the connection lacks the catalog or the data path.
        """
        conn = self.get_connection(self.get_conn_id())
        extra = conn.extra_dejson
        keep_connection(conn.password, extra)
        if absent := [name for name in ("catalog", "data_path") if not extra.get(name)]:
            raise LakeError(
                f"the Airflow connection {conn.conn_id} lacks {' and '.join(absent)} in its extra: give it "
                '{"catalog": "sqlite:/path/catalog.sqlite", "data_path": "/path/data"}'
            )
        store = {name: extra.get(name) or None for name in _STORE_FIELDS}
        return LakeConfig(
            catalog=extra["catalog"],
            data_path=extra["data_path"],
            password=conn.password or None,
            backup_path=extra.get("backup_path") or None,
            memory_limit=_size(extra.get("memory_limit"), conn.conn_id),
            s3_use_ssl=_flag(_given(extra.get("s3_use_ssl"), True)),
            s3_credential_chain=_flag(extra.get("s3_credential_chain") or False),
            keep_days=_days(extra.get("keep_days"), conn.conn_id),
            **store,
        )

    def get_conn(self) -> LakeSession:
        """Open the lake."""
        return LakeSession(connect(self.config))

    def get_uri(self) -> str:
        """Return the lake's address, without credentials."""
        return f"ducklake:{self.config.shown}"


def _given(value: object, default: object) -> object:
    """Return a value; what a form leaves empty, or an unset variable of the environment, stands for the default."""
    return default if value is None or value == "" else value


def _size(said: object, conn_id: str) -> int | None:
    if said in {None, ""}:
        return None
    size = read_size(str(said))
    if size is None:
        raise LakeError(
            f"the Airflow connection {conn_id}: memory_limit is {str(said)[:20]!r} in its extra: write a size such as "
            "800MB or 2GB, or leave it empty"
        )
    return size


def _flag(value: object) -> bool:
    return str(value).strip().lower() not in {"false", "0", "no", "off"}


def _days(value: object, conn_id: str) -> int:
    """Return for how many days snapshots are kept; empty stands for the usual time.

    Raises:
        LakeError: it is no number.
    """
    try:
        return int(str(_given(value, KEEP_DAYS)))
    except ValueError:
        raise LakeError(
            f"the Airflow connection {conn_id} keeps the lake's snapshots for {value!r} days: give its field "
            f"`keep_days` a whole number, such as {KEEP_DAYS}"
        ) from None
