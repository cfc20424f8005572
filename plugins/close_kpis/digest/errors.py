"""What can keep a digest from being sent."""

from __future__ import annotations


class DigestError(RuntimeError):
    """A message could not be sent."""


class DigestBusyError(DigestError):
    """Nothing was sent, and trying again may help: no connection, a rate limit, a mail server that asks to wait."""


class DigestRefusedError(DigestError):
    """Nothing was sent, and nothing will be before somebody mends something."""


class DigestUnsureError(DigestError):
    """A try began to send, and nobody knows whether the message arrived: it is not sent again by itself."""
