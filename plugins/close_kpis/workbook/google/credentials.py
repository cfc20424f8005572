"""Google credentials from the extras of an Airflow connection of type ``google_cloud_platform``.

Source: https://airflow.apache.org/docs/apache-airflow-providers-google/stable/connections/gcp.html
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from close_kpis.masking import keep_connection
from close_kpis.workbook.google.errors import SheetsConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.auth.credentials import Credentials

SHEETS_SCOPE = "https://www.googleapis.com/auth/spreadsheets"
"""The one scope that is needed. Sheets refuses cloud-platform, the usual default of such connections."""

GOOGLE_SHEETS = "https://sheets.googleapis.com"
_PREFIX = "extra__google_cloud_platform__"
_KEY_SOURCES = ("keyfile_dict", "key_path", "credential_config_file")
_UNSUPPORTED = (
    "key_secret_name",
    "idp_issuer_url",
    "client_id",
    "client_secret",
    "idp_extra_parameters",
    "idp_extra_params",
)


@dataclass(frozen=True)
class GoogleExtras:
    """What a connection says, typed.

    Attributes:
        keyfile_dict: content of a service-account key, as JSON text or object.
        key_path: path of a service-account key.
        credential_config_file: path or content of a credential configuration (workload identity federation).
        impersonation_chain: service accounts; the last is acted as, those before it delegate.
        scopes: OAuth scopes.
        quota_project_id: project that pays for the requests.
        num_retries: how often a request is tried again.
        is_anonymous: send no credentials.
        api_endpoint: address of the API, without ``/v4``.
        spreadsheet_id: the spreadsheet to write where kpis.yaml names none.
    """

    keyfile_dict: str | Mapping[str, Any] | None = field(default=None, repr=False)
    key_path: str | None = None
    credential_config_file: str | Mapping[str, Any] | None = field(default=None, repr=False)
    impersonation_chain: tuple[str, ...] = ()
    scopes: tuple[str, ...] = (SHEETS_SCOPE,)
    quota_project_id: str | None = None
    num_retries: int = 5
    is_anonymous: bool = False
    api_endpoint: str = GOOGLE_SHEETS
    spreadsheet_id: str | None = None


def read_extras(extra: Mapping[str, Any], conn_id: str) -> GoogleExtras:
    """Read the extras of a connection, under their plain names or the old ``extra__google_cloud_platform__``.

    Args:
        extra: the connection's extras; empty text means unset.
        conn_id: named in errors.

    Raises:
        SheetsConfigError: a key source that is not supported, two key sources at once, or a value that is not
            what its name asks for.
    """

    def get(name: str) -> Any:
        given = (extra.get(name), extra.get(_PREFIX + name))
        return next((value for value in given if value is not None and value != ""), None)

    if refused := [name for name in _UNSUPPORTED if get(name)]:
        raise SheetsConfigError(
            f"connection {conn_id}: the extra {refused[0]} is not supported. Use one of {', '.join(_KEY_SOURCES)}, "
            "or none of them to use the machine's own Google identity; keep keys in an Airflow secrets backend"
        )
    sources = [name for name in _KEY_SOURCES if get(name)]
    if len(sources) > 1:
        raise SheetsConfigError(
            f"connection {conn_id}: {' and '.join(sources)} are both set; keep the one that is meant"
        )
    try:
        retries = int(5 if (given := get("num_retries")) is None else given)
    except ValueError:
        raise SheetsConfigError(f"connection {conn_id}: the extra num_retries is not a whole number") from None
    return GoogleExtras(
        keyfile_dict=get("keyfile_dict"),
        key_path=get("key_path"),
        credential_config_file=get("credential_config_file"),
        impersonation_chain=_names(get("impersonation_chain")),
        scopes=_names(get("scope")) or (SHEETS_SCOPE,),
        quota_project_id=get("quota_project_id"),
        num_retries=max(0, min(retries, 10)),
        is_anonymous=str(get("is_anonymous")).lower() == "true",
        api_endpoint=str(get("api_endpoint") or GOOGLE_SHEETS).rstrip("/"),
        spreadsheet_id=get("spreadsheet_id"),
    )


def _names(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value or ()
    return tuple(str(part).strip() for part in parts if str(part).strip())


def credentials(extras: GoogleExtras, conn_id: str) -> Credentials:
    """Return the credentials that a connection asks for.

    Raises:
        SheetsConfigError: a key cannot be read, or is none.
    """
    from google.auth.credentials import AnonymousCredentials

    if extras.is_anonymous:
        return AnonymousCredentials()
    source = _source_credentials(extras, conn_id)
    if extras.impersonation_chain:
        from google.auth.impersonated_credentials import Credentials as Impersonated

        *delegates, target = extras.impersonation_chain
        source = Impersonated(
            source_credentials=source,
            target_principal=target,
            delegates=delegates,
            target_scopes=list(extras.scopes),
        )
    if extras.quota_project_id and hasattr(source, "with_quota_project"):
        source = source.with_quota_project(extras.quota_project_id)
    return source


def _source_credentials(extras: GoogleExtras, conn_id: str) -> Credentials:
    for name in _KEY_SOURCES:
        if given := getattr(extras, name):
            return _from_info(_json(given, name, conn_id), extras, name, conn_id)
    import google.auth
    from google.auth.exceptions import DefaultCredentialsError

    try:
        found: Credentials
        found, _ = google.auth.default(scopes=list(extras.scopes))
    except DefaultCredentialsError:
        raise SheetsConfigError(
            f"connection {conn_id} names no key and this machine has no Google identity of its own: set the extra "
            f"{' or '.join(_KEY_SOURCES)}"
        ) from None
    return found


def _json(given: str | Mapping[str, Any], name: str, conn_id: str) -> dict[str, Any]:
    if not isinstance(given, str):
        return dict(given)
    try:
        text: str | bytes = given if given.lstrip().startswith("{") else Path(given).read_bytes()
    except PermissionError:
        # Compose mounts the file with the owner and the mode that it has on the host.
        raise SheetsConfigError(
            f"connection {conn_id}: the file of {name} cannot be read by the user that Airflow runs as, "
            f"{os.getuid()}: run chmod 644 on it (with Docker, on the host: chmod 644 secrets/google-key.json)"
        ) from None
    except OSError as error:
        raise SheetsConfigError(f"connection {conn_id}: the file of {name} cannot be read: {error.strerror}") from None
    try:
        info = json.loads(text)
    except (ValueError, RecursionError):
        info = None
    if not isinstance(info, dict):
        # The text is a secret: it must not become part of the message.
        raise SheetsConfigError(f"connection {conn_id}: {name} is not JSON; paste the key file as it was downloaded")
    keep_connection(None, info)
    return info


def _from_info(info: dict[str, Any], extras: GoogleExtras, name: str, conn_id: str) -> Credentials:
    kind, scopes = info.get("type"), extras.scopes
    try:
        if kind == "service_account":
            return _service_account(info, scopes, is_google=extras.api_endpoint == GOOGLE_SHEETS)
        if kind == "authorized_user":
            from google.oauth2.credentials import Credentials as User

            user: Credentials = User.from_authorized_user_info(info, scopes=list(scopes))
            return user
        if kind == "external_account":
            return _external(info, scopes)
    except ValueError:
        raise SheetsConfigError(f"connection {conn_id}: {name} is not a complete {kind} key") from None
    raise SheetsConfigError(
        f"connection {conn_id}: {name} is of type {kind!r}; supported are service_account, external_account and "
        "authorized_user"
    )


def _service_account(info: dict[str, Any], scopes: tuple[str, ...], *, is_google: bool) -> Credentials:
    """Credentials of a service-account key.

    With each request google-auth asks iamcredentials.googleapis.com, in the background, in which regions the account
    may be used. Where the API is not Google's, as in a sandbox, nothing goes there.
    """
    from google.oauth2.service_account import Credentials as ServiceAccount

    class Elsewhere(ServiceAccount):
        def _is_regional_access_boundary_lookup_required(self) -> bool:
            return False

    kind = ServiceAccount if is_google else Elsewhere
    made: Credentials = kind.from_service_account_info(info, scopes=list(scopes))
    return made


def _external(info: dict[str, Any], scopes: tuple[str, ...]) -> Credentials:
    """Workload identity federation.

    `google.auth.load_credentials_from_dict` would also ask Google for the project, which is not needed here.
    """
    from google.auth import aws, identity_pool, pluggable

    source = info.get("credential_source") or {}
    made: Credentials
    if str(source.get("environment_id", "")).startswith("aws"):
        made = aws.Credentials.from_info(info, scopes=list(scopes))
    elif "executable" in source:
        made = pluggable.Credentials.from_info(info, scopes=list(scopes))
    else:
        made = identity_pool.Credentials.from_info(info, scopes=list(scopes))
    return made


def account_name(creds: Credentials, conn_id: str) -> str:
    """Return who the credentials are, for messages: the service account's e-mail where there is one."""
    email = getattr(creds, "service_account_email", None)
    if email and "@" in str(email):
        return str(email)
    return f"the account of the connection {conn_id}"
