"""OAuth tokens: an hour of access, and a refresh token that works once.

Source: developer.close.com "OAuth".
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.close_api.context import Context

CODE = "code_sandbox"
"""The authorisation code that can be exchanged, again and again."""


class Tokens:
    """The tokens given out. Client ids and secrets are not checked."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._access: dict[str, datetime] = {}
        self._refresh: set[str] = set()

    def routes(self) -> list[Route]:
        """Return the routes to mount."""
        return [
            Route("/oauth2/token/", self.grant, methods=["POST"]),
            Route("/oauth2/revoke/", self.revoke, methods=["POST"]),
        ]

    def is_good(self, token: str) -> bool:
        """Say whether an access token lets in now."""
        return token in self._access and self._context.clock.now() < self._access[token]

    async def grant(self, request: Request) -> Response:
        """Exchange a code or a refresh token; the old refresh token stops working."""
        form = await _form(request)
        match form.get("grant_type"):
            case "authorization_code" if form.get("code") == CODE:
                return JSONResponse(self._new())
            case "refresh_token" if form.get("refresh_token") in self._refresh:
                self._refresh.discard(form["refresh_token"])
                return JSONResponse(self._new())
            case "authorization_code" | "refresh_token":
                return JSONResponse({"error": "invalid_grant"}, 400)
            case _:
                return JSONResponse({"error": "unsupported_grant_type"}, 400)

    async def revoke(self, request: Request) -> Response:
        """Let a token end."""
        token = (await _form(request)).get("token", "")
        self._access.pop(token, None)
        self._refresh.discard(token)
        return JSONResponse({})

    def _new(self) -> dict[str, Any]:
        seconds = self._context.config.oauth_seconds
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self._access[access] = self._context.clock.now() + timedelta(seconds=seconds)
        self._refresh.add(refresh)
        return {
            "token_type": "Bearer",
            "access_token": access,
            "expires_in": int(seconds),
            "refresh_token": refresh,
            "scope": "all.full_access offline_access",
            "organization_id": self._context.account.organization["id"],
            "user_id": self._context.writer.default_user(),
        }


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of a form; the body is small and plain."""
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
