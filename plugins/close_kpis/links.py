"""Addresses that people open."""

from __future__ import annotations

LEAD_PAGE = "https://app.close.com/lead/{}/"
"""Where people open a lead in Close, by its id. Source: developer.close.com "Leads", ``html_url``."""
