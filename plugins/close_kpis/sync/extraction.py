"""From which Close account into which lake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.close.registry import DEFAULT_CONTACT_FIELDS, STREAMS, contacts, stream_names
from close_kpis.reporting import PipelineError

if TYPE_CHECKING:
    from datetime import date

    from close_kpis.accounts import Account
    from close_kpis.close.client import ClientConfig
    from close_kpis.close.stream import Stream
    from close_kpis.lake.config import LakeConfig


class WrongAccountError(PipelineError):
    """The API key belongs to another Close organisation than the rows in the lake."""


@dataclass(frozen=True)
class Extraction:
    """From which account into which lake.

    Attributes:
        close: how to reach Close.
        lake: the lake.
        zone: the reporting time zone (IANA name).
        history_start: first day of the reports; None for the account's first record.
        streams: what is read one by one, beside the reference data and the event log.
        contact_fields: what is read of contacts beside ids, dates and counts.
        batch_rows: rows after which a load commits.
    """

    close: ClientConfig
    lake: LakeConfig
    zone: str = "UTC"
    history_start: date | None = None
    streams: tuple[str, ...] = stream_names(())
    contact_fields: tuple[str, ...] = DEFAULT_CONTACT_FIELDS
    batch_rows: int = 20_000

    @classmethod
    def of(cls, account: Account) -> Extraction:
        """Return what the connections and the settings of an account say.

        Raises:
            SettingsError: the settings are not possible.
        """
        from close_kpis.close.hook import CloseHook
        from close_kpis.lake.hook import LakeHook
        from close_kpis.settings.file import load

        settings = load(account.settings_file)
        close, lake = CloseHook(account.close_conn).config, LakeHook(account.lake_conn).config
        streams = stream_names(settings.streams.wanted())
        return cls(close, lake, settings.timezone, settings.history_start, streams, settings.contact_fields)

    def stream(self, name: str) -> Stream:
        """Return a stream by its name, with the fields that are read of it."""
        return contacts(self.contact_fields) if name == "contacts" else STREAMS[name]
