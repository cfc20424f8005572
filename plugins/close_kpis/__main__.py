"""``python -m close_kpis``: doctor, explain, agreement."""

from __future__ import annotations

import sys

from close_kpis.commands.arguments import main

if __name__ == "__main__":
    sys.exit(main())
