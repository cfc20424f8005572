"""One request and one reply, as the resources see them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from sandbox.close_api import errors

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Call:
    """A request.

    Attributes:
        method: GET, POST, PUT or DELETE, after a method override.
        path: below ``/api/v1``, with its slashes: ``/activity/call/``.
        params: query parameters; a repeated one has several values.
        body: the raw body.
        headers: lower-case names.
        user: the user whose rows alone are seen; None for a key that sees everything.
    """

    method: str
    path: str
    params: Mapping[str, list[str]]
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None

    def param(self, name: str) -> str | None:
        """Return a parameter's last value."""
        values = self.params.get(name)
        return values[-1] if values else None

    def values(self, *names: str) -> list[str] | None:
        """Return all values of the named parameters, commas split; None where none is given."""
        if not any(name in self.params for name in names):
            return None
        given = (value for name in names for value in self.params.get(name, ()))
        return [part for value in given for part in value.split(",") if part]

    def json(self) -> dict[str, Any]:
        """Return the body.

        Raises:
            ApiError: 415 for another content type, 400 for a body that is no JSON object.
        """
        if not self.headers.get("content-type", "").startswith("application/json"):
            raise errors.wrong_content_type()
        try:
            read = json.loads(self.body)
        except ValueError:
            raise errors.invalid_json() from None
        if not isinstance(read, dict):
            raise errors.invalid_json()
        return read


@dataclass(frozen=True)
class Reply:
    """An answer.

    Attributes:
        body: what becomes JSON, or bytes that go out as they are.
        status: HTTP status.
        headers: further headers.
    """

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """Return the body as bytes."""
        if isinstance(self.body, bytes):
            return self.body
        return msgspec.json.encode(self.body)
