"""What can go wrong with Close, one exception each: what happened, where, and what to do."""

from __future__ import annotations

from close_kpis.reporting import PipelineError


class CloseError(PipelineError):
    """Close could not be read."""


class CloseAuthError(CloseError):
    """The API key is refused, or may not do this. Trying again does not help."""


class CloseUnavailableError(CloseAuthError):
    """The account's plan (402) or the role of the API key's user (403) does not offer this."""


class CloseVisibilityError(CloseAuthError):
    """The API key sees far fewer records than before, so what is missing must not pass for deleted."""


class CloseRequestError(CloseError):
    """Close does not accept the request (a 4xx). Trying again does not help."""


class CloseNotFoundError(CloseRequestError):
    """Close has no such object or address."""


class CloseRedirectError(CloseRequestError):
    """Close sends us to another host, which gets neither the request nor our trust."""


class CloseCursorError(CloseRequestError):
    """The cursor of a search has expired."""


class CloseRateLimited(CloseError):  # noqa: N818 - the name under which retry policies know it
    """Close asks for a pause (429).

    Attributes:
        retry_after: seconds to wait, None where the reply does not say.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class CloseServerError(CloseError):
    """Close failed (a 5xx)."""


class CloseConnectionError(CloseError):
    """The connection to Close failed, broke or timed out."""


class CloseResponseError(CloseError):
    """The reply is not what the endpoint's description promises: truncated, HTML, another shape."""


class CloseOversizeError(CloseResponseError):
    """The reply is larger, or nested deeper, than anything that Close sends."""


class CloseFilterIgnoredError(CloseResponseError):
    """The reply holds rows that were not asked for, so a filter has been ignored silently."""


class CloseIncompleteError(CloseResponseError):
    """Rows are missing from what was read, or cannot be reached through the API."""
