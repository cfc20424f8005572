"""The settings of ``include/kpis.yaml``, and how they fit the account."""
