"""Where the project's SQL and texts lie."""

from __future__ import annotations

import os
from pathlib import Path

INCLUDE = Path(os.environ.get("CLOSE_KPIS_INCLUDE") or Path(__file__).resolve().parents[2] / "include")
"""The ``include/`` folder; ``CLOSE_KPIS_INCLUDE`` names another one."""

SQL = INCLUDE / "sql"
"""The SQL models, one file each."""
