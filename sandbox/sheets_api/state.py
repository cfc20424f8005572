"""What the parts of one running sandbox share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.request_log import RequestLog
    from sandbox.sheets_api.auth import Auth
    from sandbox.sheets_api.faults import Faults, Quota
    from sandbox.sheets_api.store import Store


@dataclass(frozen=True)
class SandboxState:
    """What the parts of one running sandbox share."""

    store: Store
    auth: Auth
    faults: Faults
    quota: Quota
    requests: RequestLog
