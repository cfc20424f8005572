"""Attaching a lake to a DuckDB connection: its extensions, its credentials, its catalog and where its files lie now."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from close_kpis.lake.config import LakeConfig, LakeError, NoCatalogError, unreachable
from close_kpis.lake.readable import readable_catalog
from close_kpis.lake.sql import statement

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

verified: set[str] = set()
"""The extensions whose signature this process has checked."""


def extensions(config: LakeConfig) -> list[str]:
    """Return the DuckDB extensions that a lake needs."""
    names = ["ducklake", "sqlite_scanner" if config.kind == "sqlite" else "postgres_scanner"]
    if _uses_store(config):
        names += ["httpfs", "aws"] if config.s3_credential_chain else ["httpfs"]
    return names


def _uses_store(config: LakeConfig) -> bool:
    return any(path.startswith("s3://") for path in (config.data_path, config.backup_path or ""))


def load_extensions(con: DuckDBPyConnection, names: list[str]) -> None:
    """Load extensions from where their wheels lie: nothing is downloaded, nothing is copied into the user's home.

    Raises:
        LakeError: one is not installed for this version of DuckDB.
    """
    for name in names:
        con.load_extension(str(_extension_file(name)))
        verified.add(name)


def _extension_file(name: str) -> Path:
    import duckdb

    wheel = find_spec(f"duckdb_extension_{name}")
    for folder in (wheel and wheel.submodule_search_locations) or ():
        file = Path(folder, "extensions", f"v{duckdb.__version__}", f"{name}.duckdb_extension")
        if file.is_file():
            return file
    raise LakeError(
        f"DuckDB's extension {name} is not installed: pip install duckdb-extension-{name.replace('_', '-')}"
        f"=={duckdb.__version__}"
    )


def create_secrets(con: DuckDBPyConnection, config: LakeConfig) -> None:
    """Put credentials into DuckDB's secrets, where no error message or catalog shows them."""
    if config.kind == "postgres" and config.password:
        _run_privately(con, f"create secret lake_catalog (type postgres, password {_quoted(config.password)})")
    if not _uses_store(config):
        return
    options = {
        "key_id": config.s3_key_id,
        "secret": config.s3_secret,
        "endpoint": config.s3_endpoint,
        "region": config.s3_region,
        "url_style": config.s3_url_style,
    }
    given = [f"{name} {_quoted(value)}" for name, value in options.items() if value]
    if config.s3_credential_chain:
        given.append("provider credential_chain")
    given.append(f"use_ssl {str(config.s3_use_ssl).lower()}")
    _run_privately(con, f"create secret lake_store (type s3, {', '.join(given)})")


def _run_privately(con: DuckDBPyConnection, command: str) -> None:
    import duckdb

    try:
        con.execute(command)
    except duckdb.Error:
        raise LakeError(
            "DuckDB refused the lake's credentials: check the password and the s3_* fields of the lake's "
            "Airflow connection"
        ) from None


def attach(con: DuckDBPyConnection, config: LakeConfig, *, read_only: bool = False, creates: bool = False) -> None:
    """Attach a lake as ``lake``.

    A lake whose files have moved is opened where the configuration says that they are, if they are there.

    Args:
        con: a connection without it.
        config: the lake.
        read_only: refuse writes; a catalog in a folder that cannot be written is read from a copy.
        creates: make a catalog where there is none.

    Raises:
        NoCatalogError: there is no catalog; nothing was made.
        LakeError: it cannot be opened, or its files are not where the configuration says.
    """
    import duckdb

    if config.kind == "sqlite" and not creates and not _has_bytes(Path(config.location)):
        raise NoCatalogError(config)
    catalog = readable_catalog(con, config) if read_only else config.catalog
    options = [f"data_path {_quoted(data_folder(config))}", f"create_if_not_exists {str(creates).lower()}"]
    if config.kind == "postgres" and config.password:
        options.append("meta_secret 'lake_catalog'")
    if read_only:
        options.append("read_only")
    try:
        _attach(con, catalog, options)
    except duckdb.Error as error:
        if "is explicitly disabled" in str(error):
            raise NoCatalogError(config) from None
        if "does not match existing data path" in str(error):
            _attach(con, catalog, [*options, "override_data_path true"])
            _follow(con, config, read_only=read_only)
            return
        if config.kind == "postgres":
            raise LakeError(unreachable(config)) from None
        raise LakeError(f"cannot open the lake {config.catalog}: {error}") from error


def _has_bytes(file: Path) -> bool:
    """Say whether a file is there and not empty.

    Raises:
        LakeError: this user may not know.
    """
    try:
        return file.is_file() and file.stat().st_size > 0
    except OSError as error:
        raise LakeError(f"the lake's catalog {file} cannot be read: {error.strerror}") from None


def data_folder(config: LakeConfig) -> str:
    """Return where a lake's files lie, absolute and with its last slash."""
    path = config.data_path if "://" in config.data_path else str(Path(config.data_path).resolve())
    return path if path.endswith("/") else f"{path}/"


def matching(con: DuckDBPyConnection, folder: str, pattern: str) -> list[str]:
    """Return the paths of the files in a folder, or below a prefix of an object store, that match a pattern.

    Args:
        con: a connection with the store's credentials.
        folder: where to look; no part of it is a pattern where it is a folder.
        pattern: of the paths below it.
    """
    if "://" not in folder:
        return [str(path) for path in Path(folder).glob(pattern)]
    found = con.execute(statement("catalog.files"), {"pattern": f"{folder.rstrip('/')}/{pattern}"}).fetchall()
    return [path for (path,) in found]


def _attach(con: DuckDBPyConnection, catalog: str, options: list[str]) -> None:
    con.execute(f"attach {_quoted(f'ducklake:{catalog}')} as lake ({', '.join(options)})")


def _follow(con: DuckDBPyConnection, config: LakeConfig, *, read_only: bool) -> None:
    """Make sure that a lake's files are where the configuration says, and not where its catalog does; note it there.

    Raises:
        LakeError: the newest of them are not.
    """
    [(noted,)] = con.execute(statement("catalog.data_path")).fetchall()
    folder = data_folder(config)
    paths = [path for (path,) in con.execute(statement("catalog.newest_files")).fetchall()]
    # A pattern is looked up in an object store; a plain name would be taken on trust.
    lacking = [path for path in paths if not matching(con, folder, path.removesuffix(".parquet") + "[.]parquet")]
    if lacking:
        con.execute("detach lake")
        raise LakeError(
            f"the lake {config.shown} was written with its files in {noted}; the Airflow connection says {folder}, and "
            f"{len(lacking)} of the newest {len(paths)} are not there, such as {lacking[0]}: move or mount the files "
            "there, or correct the field `data_path` of the connection"
        )
    if not read_only:
        con.execute(statement("catalog.put_data_path"), {"data_path": folder})


def _quoted(text: str) -> str:
    """Return a text as a literal: ATTACH and CREATE SECRET take no bound parameters."""
    return "'" + text.replace("'", "''") + "'"
