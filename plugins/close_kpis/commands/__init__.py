"""The commands of ``python -m close_kpis``: questions that people ask about an account and its numbers."""
