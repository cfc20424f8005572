"""What Close no longer shows: deleted only where the event log says so, or where that is plausible for the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.close.errors import CloseVisibilityError
from close_kpis.reporting import logger

if TYPE_CHECKING:
    from collections.abc import Collection

    from close_kpis.sync.session import Session

log = logger(__name__)

SHARE = 0.05
AT_LEAST, AT_MOST = 2, 1_000
"""The rows of a stream, as a share and as bounds of their number, that may plausibly have been deleted in Close while
its event log was not read; never more than half of them."""

SAMPLE = 3
"""Ids that a message names."""


def is_plausible(missing: int, known: int) -> bool:
    """Say whether that many of the rows known of a stream can have been deleted unseen.

    Args:
        missing: rows that Close does not show.
        known: rows of the stream that the lake holds, those included.
    """
    return missing <= min(max(AT_LEAST, SHARE * known), AT_MOST, known / 2)


def check_missing(stream: str, missing: Collection[str], known: int) -> None:
    """Refuse to take rows as deleted that the API key merely may not see.

    Args:
        stream: its name.
        missing: ids that a comparison of the whole stream did not find in Close.
        known: rows of the stream that the lake holds, those included.

    Raises:
        CloseVisibilityError: so many are missing that this is not plausible.
    """
    if not is_plausible(len(missing), known):
        raise CloseVisibilityError(
            f"{stream}: Close shows {known - len(missing)} of the {known} rows that the lake holds; {len(missing)} are "
            f"missing ({_sample(missing)}), and its event log does not say that they were deleted. Nothing was marked "
            f"as deleted. {REMEDY}"
        )


def report_unseen(session: Session) -> None:
    """Warn of rows that Close no longer shows though no event says that they were deleted: they stay as they are."""
    if session.unseen:
        log.warning(
            "%s: %d row(s) no longer visible to the API key (%s), and Close's event log does not say that they were "
            "deleted: they stay as they are",
            session.stream.name,
            len(session.unseen),
            _sample(session.unseen),
        )


REMEDY = (
    "The key's user may have lost the right to see them: put the key of a user with the role Admin into the Close "
    "connection, then clear the task. If they were really deleted, run close_sync with the parameter accept_missing"
)


def _sample(ids: Collection[str]) -> str:
    return ", ".join(sorted(ids)[:SAMPLE]) + (", ..." if len(ids) > SAMPLE else "")
