"""What Airflow learns about this package: connection types with their forms, and extra links.

Airflow finds `get_provider_info` by the entry point group ``apache_airflow_provider``; the forms
below are what makes "Close CRM" and "DuckLake" appear under Admin > Connections.

Source: https://airflow.apache.org/docs/apache-airflow-providers/howto/create-custom-providers.html
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from close_kpis import __version__

_TEXT = {"type": ["string", "null"]}
_FLAG = {"type": ["boolean", "null"]}
_SECRET = {"type": ["string", "null"], "format": "password"}


def get_provider_info() -> dict[str, Any]:
    """Return the provider's description in the form of Airflow's provider schema."""
    return {
        "package-name": "close-kpis",
        "name": "Close KPIs",
        "description": "Close CRM to monthly KPI tables to Google Sheets.",
        "versions": [__version__],
        "connection-types": connection_types(),
        "extra-links": ["close_kpis.publishing.operator.GoogleSheetLink"],
    }


def connection_types() -> list[dict[str, Any]]:
    """Return the connection types: Close, DuckLake, and Google where no other provider brings it.

    Google's own provider registers ``google_cloud_platform`` with the same extras; where it is
    installed, its form is the one to use.
    """
    types = [_close(), _ducklake()]
    if find_spec("airflow.providers") and not find_spec("airflow.providers.google"):
        types.append(_google())
    return types


def _close() -> dict[str, Any]:
    return {
        "connection-type": "close",
        "hook-class-name": "close_kpis.close.hook.CloseHook",
        "hook-name": "Close CRM",
        "ui-field-behaviour": {
            "hidden-fields": ["schema", "port", "login", "extra"],
            "relabeling": {"password": "API key", "host": "Address"},  # pragma: allowlist secret
            "placeholders": {
                "password": "api_... (Close: Settings > Developer > API Keys)",  # pragma: allowlist secret
                "host": "empty: https://api.close.com",
            },
        },
    }


def _ducklake() -> dict[str, Any]:
    return {
        "connection-type": "ducklake",
        "hook-class-name": "close_kpis.lake.hook.LakeHook",
        "hook-name": "DuckLake",
        "ui-field-behaviour": {
            "hidden-fields": ["schema", "port", "login", "host"],
            "relabeling": {"password": "Catalog password"},  # pragma: allowlist secret
            "placeholders": {"password": "of the PostgreSQL catalog; empty with SQLite"},  # pragma: allowlist secret
        },
        "conn-fields": {
            "catalog": {
                "label": "Catalog",
                "description": "sqlite:/path/catalog.sqlite, or postgres:host=... dbname=... user=...",
                "schema": _TEXT,
            },
            "data_path": {
                "label": "Data path",
                "description": "Folder or s3://bucket/prefix of the Parquet files",
                "schema": _TEXT,
            },
            "backup_path": {
                "label": "Backup path",
                "description": "Folder or s3://bucket/prefix of copies of what was published; empty: beside the data",
                "schema": _TEXT,
            },
            "memory_limit": {
                "label": "Memory limit",
                "description": "What DuckDB may take, such as 2GB; empty: what the container has, less 400 MB",
                "schema": _TEXT,
            },
            "s3_key_id": {"label": "S3 key id", "schema": _TEXT},
            "s3_secret": {"label": "S3 secret", "schema": _SECRET},
            "s3_endpoint": {
                "label": "S3 endpoint",
                "description": "host:port of an S3-compatible store; empty: AWS",
                "schema": _TEXT,
            },
            "s3_region": {"label": "S3 region", "schema": _TEXT},
            "s3_url_style": {
                "label": "S3 address style",
                "schema": {"type": ["string", "null"], "enum": ["vhost", "path", None]},
            },
            "s3_use_ssl": {"label": "S3 over TLS", "schema": _FLAG},
            "s3_credential_chain": {
                "label": "S3 credentials of this machine",
                "description": "Its IAM role, or what its AWS tools are set up with, in place of a key",
                "schema": _FLAG,
            },
            "keep_days": {
                "label": "Days to keep snapshots",
                "description": "Older ones expire unless somebody may still ask for them; empty: 30",
                "schema": {"type": ["integer", "null"], "minimum": 1},
            },
        },
    }


def _google() -> dict[str, Any]:
    return {
        "connection-type": "google_cloud_platform",
        "hook-class-name": "close_kpis.workbook.google.hook.GoogleSheetsHook",
        "hook-name": "Google Sheets",
        "ui-field-behaviour": {
            "hidden-fields": ["host", "schema", "login", "password", "port", "extra"],
            "relabeling": {},
            "placeholders": {},
        },
        "conn-fields": {
            "spreadsheet_id": {
                "label": "Spreadsheet id",
                "description": "From its address, /spreadsheets/d/<id>/edit; kpis.yaml can name it too",
                "schema": _TEXT,
            },
            "keyfile_dict": {
                "label": "Service-account key (JSON)",
                "description": "The key file's content",
                "schema": _SECRET,
            },
            "key_path": {"label": "Service-account key file", "schema": _TEXT},
            "credential_config_file": {"label": "Credential configuration file", "schema": _TEXT},
            "impersonation_chain": {"label": "Service account to impersonate", "schema": _TEXT},
            "scope": {"label": "Scopes (comma separated)", "schema": _TEXT},
            "quota_project_id": {"label": "Quota project", "schema": _TEXT},
            "num_retries": {"label": "Retries", "schema": {"type": ["integer", "null"], "default": 5}},
            "is_anonymous": {"label": "Anonymous", "schema": {"type": ["boolean", "null"], "default": False}},
            "api_endpoint": {
                "label": "API address",
                "description": "empty: https://sheets.googleapis.com",
                "schema": _TEXT,
            },
        },
    }
