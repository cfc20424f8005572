"""The command ``pools``."""

from __future__ import annotations

import json

from close_kpis.accounts import pools


def show_pools() -> int:
    """Print the pools of all accounts as ``airflow pools import`` reads them; return 0.

    Source: https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/pools.html
    """
    shown = {
        name: {"slots": slots, "description": description, "include_deferred": False}
        for name, (slots, description) in pools().items()
    }
    print(json.dumps(shown, indent=2))
    return 0
