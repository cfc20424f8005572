"""The service account of the sandbox: its key, the token endpoint, the check of every API call.

Source: https://developers.google.com/identity/protocols/oauth2/service-account#httprest
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.errors import ApiError, error_info

if TYPE_CHECKING:
    from pathlib import Path

EMAIL = "sandbox@close-kpis.iam.gserviceaccount.com"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME = 3600
# Source: discovery document, auth.oauth2.scopes.
SCOPE_ROOT = "https://www.googleapis.com/auth/"
READ_SCOPES = frozenset(
    SCOPE_ROOT + name for name in ("spreadsheets", "spreadsheets.readonly", "drive", "drive.file", "drive.readonly")
)
WRITE_SCOPES = frozenset(SCOPE_ROOT + name for name in ("spreadsheets", "drive", "drive.file"))

MISSING_CREDENTIALS = (
    "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other "
    "valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


class GrantError(Exception):
    """A token request that is refused; `body` is what Google's token endpoint answers with status 400."""

    def __init__(self, error: str, description: str) -> None:
        self.body = {"error": error, "error_description": description}
        super().__init__(description)


@dataclass(frozen=True)
class Token:
    """An access token that was handed out."""

    scopes: frozenset[str]
    expires_at: float


class Auth:
    """Keeps the key and the tokens.

    Args:
        folder: where the private key is kept between runs.
        anonymous: serve the API without any token (the token endpoint still works).
    """

    def __init__(self, folder: Path, *, anonymous: bool = False) -> None:
        self.anonymous = anonymous
        self._private_key, self._key_id = _key(folder / "service-account-key.json")
        self._tokens: dict[str, Token] = {}

    def service_account_info(self, base_url: str) -> dict[str, str]:
        """A service-account key as Google's console hands it out, with this sandbox as its token endpoint."""
        return {
            "type": "service_account",
            "project_id": "close-kpis",
            "private_key_id": self._key_id,
            "private_key": self._private_key,
            "client_email": EMAIL,
            "client_id": "100000000000000000000",
            "auth_uri": f"{base_url}/auth",
            "token_uri": f"{base_url}/token",
            "universe_domain": "googleapis.com",
        }

    def grant(self, form: dict[str, str]) -> dict[str, Any]:
        """Answers POST /token.

        Args:
            form: the fields `grant_type` and `assertion`.

        Raises:
            GrantError: the assertion is not signed by this account's key, is too old, or asks for no scope.
        """
        if form.get("grant_type") != GRANT:
            raise GrantError("unsupported_grant_type", "Invalid grant_type: " + form.get("grant_type", ""))
        claims = self._claims(form.get("assertion", ""))
        if claims.get("iss") != EMAIL:
            raise GrantError("invalid_grant", "Invalid grant: account not found")
        scopes = frozenset(str(claims.get("scope") or "").split())
        if not scopes:
            raise GrantError("invalid_scope", "Empty or missing scope not allowed.")
        value = f"ya29.{secrets.token_urlsafe(48)}"
        self._tokens[value] = Token(scopes, time.time() + LIFETIME)
        return {"access_token": value, "expires_in": LIFETIME - 1, "token_type": "Bearer"}

    def check(self, authorization: str | None, *, write: bool) -> None:
        """Lets a call through or refuses it.

        Args:
            authorization: the header's value.
            write: whether the call needs a scope that may write.

        Raises:
            ApiError: 401 without a valid token, 403 with one that has not the scope.
        """
        if self.anonymous:
            return
        scheme, _, value = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not value:
            metadata = {"service": "sheets.googleapis.com"}
            raise ApiError(401, MISSING_CREDENTIALS, [error_info("CREDENTIALS_MISSING", metadata)])
        token = self._tokens.get(value)
        if token is None or token.expires_at < time.time():
            raise ApiError(401)
        if not token.scopes & (WRITE_SCOPES if write else READ_SCOPES):
            metadata = {"service": "sheets.googleapis.com"}
            detail = error_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", metadata)
            raise ApiError(403, "Request had insufficient authentication scopes.", [detail])

    def revoke_all(self) -> None:
        """Makes every token that was handed out invalid; clients get 401 and fetch a new one."""
        self._tokens.clear()

    def _claims(self, assertion: str) -> dict[str, Any]:
        from google.auth import exceptions, jwt

        if len(assertion.split(".")) != 3:
            raise GrantError("invalid_request", "Bad Request")
        try:
            # The audience is Google's address in real keys and this server's in ours: not checked.
            claims: dict[str, Any] = dict(jwt.decode(assertion, certs=_public(self._private_key), audience=None))
        except (ValueError, exceptions.GoogleAuthError) as error:
            text = str(error)
            if "expired" in text or "too early" in text:
                raise GrantError("invalid_grant", f"Invalid JWT: Token must be a short-lived token. {text}") from None
            raise GrantError("invalid_grant", "Invalid JWT Signature.") from None
        return claims


def _key(path: Path) -> tuple[str, str]:
    """The private key (PEM) and its id; made on first use."""
    if not path.exists():
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps({"private_key": pem.decode(), "key_id": secrets.token_hex(20)}), encoding="utf-8")
    stored = json.loads(path.read_text(encoding="utf-8"))
    return stored["private_key"], stored["key_id"]


def _public(private_key: str) -> bytes:
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(private_key.encode(), password=None)
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
