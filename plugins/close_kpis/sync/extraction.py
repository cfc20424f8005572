"""From which Close account into which lake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from close_kpis.close.client import ClientConfig
    from close_kpis.lake.config import LakeConfig


class WrongAccountError(RuntimeError):
    """The API key belongs to another Close organisation than the rows in the lake."""


@dataclass(frozen=True)
class Extraction:
    """From which account into which lake.

    Attributes:
        close: how to reach Close.
        lake: the lake.
        zone: the reporting time zone (IANA name).
        history_start: first day of the reports; None for the account's first record.
        accepts_fewer_leads: whether leads that the API key no longer sees may be taken as deleted.
        batch_rows: rows after which a load commits.
    """

    close: ClientConfig
    lake: LakeConfig
    zone: str = "UTC"
    history_start: date | None = None
    accepts_fewer_leads: bool = False
    batch_rows: int = 20_000
