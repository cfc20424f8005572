"""``python -m close_kpis``: the commands that `close_kpis.commands.arguments` lists."""

from __future__ import annotations

import os
import sys

from close_kpis.commands.arguments import main

if __name__ == "__main__":
    # As Airflow's own commands do: connections that were made in its UI are found, too.
    os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")
    sys.exit(main())
