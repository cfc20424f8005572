"""The error bodies of Google's APIs."""

from __future__ import annotations

from typing import Any

JsonObject = dict[str, Any]

STATUS_BY_CODE = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}

MESSAGE_BY_CODE = {
    401: (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
    ),
    403: "The caller does not have permission",
    404: "Requested entity was not found.",
    429: "Resource has been exhausted (e.g. check quota).",
    500: "Internal error encountered.",
    502: "The service is currently unavailable.",
    503: "The service is currently unavailable.",
    504: "The request timed out.",
}


class ApiError(Exception):
    """A request that is answered with Google's error body.

    Args:
        code: HTTP status.
        message: Google's text; the usual one of this status where left out.
        details: `error.details`, as `google.rpc` messages with `@type`.

    Source: https://cloud.google.com/apis/design/errors#http_mapping
    """

    def __init__(self, code: int, message: str | None = None, details: list[JsonObject] | None = None) -> None:
        self.code = code
        self.message = message if message is not None else MESSAGE_BY_CODE.get(code, "Unknown error.")
        self.details = details or []
        super().__init__(f"{code}: {self.message}")

    def body(self) -> JsonObject:
        """The JSON body Google sends with this error."""
        error: JsonObject = {
            "code": self.code,
            "message": self.message,
            "status": STATUS_BY_CODE.get(self.code, "UNKNOWN"),
        }
        if self.details:
            error["details"] = self.details
        return {"error": error}


class RequestError(Exception):
    """What is wrong with one request of a batch; the batch adds `Invalid requests[i].<kind>: ` in front."""


def error_info(reason: str, metadata: dict[str, str]) -> JsonObject:
    """A `google.rpc.ErrorInfo` detail."""
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": metadata,
    }


def bad_request(violations: list[tuple[str, str]]) -> JsonObject:
    """A `google.rpc.BadRequest` detail.

    Args:
        violations: pairs of (field path, description); an empty path is left out, as proto JSON does.
    """
    return {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [
            {"field": field, "description": text} if field else {"description": text} for field, text in violations
        ],
    }
