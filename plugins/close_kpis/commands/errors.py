"""What a command says when it cannot answer."""

from __future__ import annotations

from close_kpis.reporting import PipelineError


class CommandError(PipelineError, ValueError):
    """The question does not fit the account, or the answer cannot be put where it was asked for."""
