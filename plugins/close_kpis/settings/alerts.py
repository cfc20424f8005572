"""Who is told when something fails, and from when on: the section ``alerts`` of kpis.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from close_kpis.settings.errors import SettingsError
from close_kpis.settings.problems import explain
from close_kpis.settings.recipients import Recipients
from close_kpis.settings.words import EXPECTED
from close_kpis.settings.yaml_text import read

if TYPE_CHECKING:
    from pathlib import Path


class Alerts(Recipients):
    """Who gets the alarms; nobody by default.

    Attributes:
        sync_deadline_hours: after how many hours a run of ``close_sync`` that has not ended is late.
        restated_months: how many closed months a publish may restate before that is told.
    """

    sync_deadline_hours: Annotated[int, Field(ge=1, le=168, strict=True)] = 3
    restated_months: Annotated[int, Field(ge=0, le=120, strict=True)] = 3

    @model_validator(mode="before")
    @classmethod
    def _is_section(cls, value: object) -> object:
        """Refuse a value in place of a section without quoting it: it may be a webhook's address."""
        if not isinstance(value, Mapping | Alerts):
            raise PydanticCustomError("unquoted", f"expected is {EXPECTED['alerts']}")
        return value

    @model_validator(mode="after")
    def _has_somebody(self) -> Alerts:
        if self.model_fields_set and not self.recipients():
            raise ValueError("nobody gets the alarms: name slack_channel, slack_webhook or addresses")
        return self


Section = Annotated[Alerts, BeforeValidator(lambda value: value or Alerts())]
"""The section as it stands in kpis.yaml: an empty one is one left out."""


class _AlertsOnly(BaseModel):
    """``kpis.yaml``, of which all but the alarms is left aside."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    alerts: Section = Alerts()


def load_alerts(path: Path) -> Alerts:
    """Read who gets the alarms, whatever else is wrong in the settings: that may be what is to be told.

    Args:
        path: ``kpis.yaml``.

    Raises:
        SettingsError: the file is missing, no YAML, or the section is not possible.
    """
    content, lines = read(path)
    try:
        return _AlertsOnly.model_validate(content).alerts
    except ValidationError as error:
        raise SettingsError(explain(_AlertsOnly, error, lines)) from None
