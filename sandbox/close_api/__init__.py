"""A Close API on loopback that behaves as the real one does, for the demo and the tests.

``CloseSandbox`` runs it in process; ``python -m sandbox.close_api`` as a program. It
serves an account folder (JSON Lines, a file a resource, rows shaped as the API returns them) and
knows the real service's paging traps, limits, error texts, event log and search. Its writer
changes the account and logs events as Close does; its faults make requests fail on demand; both
can be used over HTTP as well (see ``control``).
"""

from __future__ import annotations

from sandbox.close_api.config import API_KEY, SandboxConfig
from sandbox.close_api.errors import ApiError
from sandbox.close_api.faults import Fault
from sandbox.close_api.generated.spec import Generated
from sandbox.close_api.server import CloseSandbox

__all__ = ["API_KEY", "ApiError", "CloseSandbox", "Fault", "Generated", "SandboxConfig"]
