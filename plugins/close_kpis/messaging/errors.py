"""What can keep a message from being sent."""

from __future__ import annotations

from close_kpis.reporting import PipelineError


class MessageError(PipelineError):
    """A message could not be sent."""


class MessageBusyError(MessageError):
    """Nothing was sent, and trying again may help: no connection, a rate limit, a mail server that asks to wait."""


class MessageRefusedError(MessageError):
    """Nothing was sent, and nothing will be before somebody mends something."""


class MessageUnsureError(MessageError):
    """A try began to send, and nobody knows whether the message arrived: it is not sent again by itself."""
