"""Users at work while an integration reads: edits, creations and deletions between its requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.close_api import changes

if TYPE_CHECKING:
    from sandbox.close_api.context import Context

KINDS = ("edits", "creates", "deletes")


class Users:
    """What the users of an account have done by the time of a request.

    Args:
        context: the sandbox, whose knobs set the rates.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._owed = dict.fromkeys(KINDS, 0.0)
        self._seed = 0

    def catch_up(self) -> None:
        """Change as many rows as the rates ask for between two requests; called with the account locked."""
        for kind in KINDS:
            self._owed[kind] += getattr(self._context.config, f"{kind}_per_request")
        edits, creates, deletes = (int(self._owed[kind]) for kind in KINDS)
        if edits or creates or deletes:
            self._seed += 1
            changes.apply(self._context, edits=edits, creates=creates, deletes=deletes, seed=self._seed)
            self._owed = {kind: owed % 1 for kind, owed in self._owed.items()}
