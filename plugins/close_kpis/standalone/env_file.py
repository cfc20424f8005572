"""The file ``.env``: what `make setup` stores, and docker compose and `make run` read."""

from __future__ import annotations

import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from dotenv import dotenv_values, set_key

from close_kpis.close.client import BASE_URL
from close_kpis.workbook.google.credentials import GOOGLE_SHEETS

if TYPE_CHECKING:
    from collections.abc import Mapping

ADDRESS = "127.0.0.1:8080"
"""Where Airflow's UI listens, as docker-compose.yaml has it."""

_PLAIN = re.compile(r"[\w./:@+=,-]*", re.ASCII)
"""A value that needs no quotes."""


class EnvFile:
    """A file of variables, its values as they stand in it now.

    Args:
        path: where it is; it need not be there.
        template: where it is not there, the file whose lines and comments it begins with.
    """

    def __init__(self, path: Path, template: Path | None = None) -> None:
        self.path = path.resolve()
        self._template = template

    @property
    def folder(self) -> Path:
        """The folder that relative paths in it start from, as docker compose reads them."""
        return self.path.parent

    def values(self) -> dict[str, str]:
        """Return the variables that have a value; none where there is no file.

        Raises:
            OSError: it cannot be read.
            UnicodeDecodeError: it is no text.
        """
        if not self.path.exists():
            return {}
        return {name: value for name, value in dotenv_values(self.path).items() if value}

    def save(self, changed: Mapping[str, str]) -> None:
        """Set variables; other lines and comments stay. Its owner alone can read it, the old file or the new one.

        Raises:
            OSError: it cannot be written.
        """
        source = self.path if self.path.exists() else self._template
        text = source.read_text(encoding="utf-8") if source is not None and source.exists() else ""
        with TemporaryDirectory(prefix="close-kpis-env-") as folder:
            draft = Path(folder) / "env"
            draft.touch(mode=0o600)
            draft.write_text(text, encoding="utf-8")
            for name, value in changed.items():
                set_key(draft, name, value, quote_mode="never" if _PLAIN.fullmatch(value) else "always")
            text = draft.read_text(encoding="utf-8")
        replace_file(self.path, text, mode=0o600)


def replace_file(path: Path, text: str, *, mode: int) -> None:
    """Write a file whole, with its mode from the first byte on; what stood there stays if that fails.

    Args:
        path: the file.
        text: its new content.
        mode: its new mode.

    Raises:
        OSError: it cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(mode)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def close_connection(values: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of the connection ``close_default`` that the variables stand for, as in docker-compose.yaml."""
    return {
        "conn_type": "close",
        "host": values.get("CLOSE_BASE_URL") or BASE_URL,
        "password": values.get("CLOSE_API_KEY", ""),
    }


def google_connection(values: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """Return the fields of the connection ``google_sheets_default`` that the variables stand for.

    Args:
        values: the variables.
        folder: what a relative ``GOOGLE_KEY_FILE`` starts from.
    """
    key = values.get("GOOGLE_KEY_FILE", "")
    extra = {
        "key_path": str(folder / Path(key).expanduser()) if key else "",
        "impersonation_chain": values.get("GOOGLE_IMPERSONATION_CHAIN", ""),
        "spreadsheet_id": values.get("SPREADSHEET_ID", ""),
        "api_endpoint": values.get("SHEETS_API_ENDPOINT") or GOOGLE_SHEETS,
    }
    return {"conn_type": "google_cloud_platform", "extra": extra}


def lake_connection(values: Mapping[str, str], state: Path) -> dict[str, Any]:
    """Return the fields of the connection ``lake_default`` that the variables stand for, its catalog a file.

    Args:
        values: the variables.
        state: the folder that holds the catalog, and the files where the variables name no other place.
    """
    extra = {
        "catalog": f"sqlite:{state}/lake/catalog.sqlite",
        "data_path": values.get("LAKE_DATA_PATH") or f"{state}/lake/data/",
        "backup_path": values.get("LAKE_BACKUP_PATH") or f"{state}/lake-backup/",
        "keep_days": values.get("LAKE_KEEP_DAYS", ""),
        "s3_key_id": values.get("LAKE_S3_KEY_ID", ""),
        "s3_secret": values.get("LAKE_S3_SECRET", ""),
        "s3_credential_chain": values.get("LAKE_S3_CREDENTIAL_CHAIN", "false"),
        "s3_endpoint": values.get("LAKE_S3_ENDPOINT", ""),
        "s3_region": values.get("LAKE_S3_REGION", ""),
        "s3_url_style": values.get("LAKE_S3_URL_STYLE", ""),
        "s3_use_ssl": values.get("LAKE_S3_USE_SSL", "true"),
    }
    return {"conn_type": "ducklake", "extra": extra}
