"""New ids in Close's form: a prefix, an underscore, base62.

Source: developer.close.com; recorded ids.
"""

from __future__ import annotations

import random
import string

PREFIXES = {
    "leads": "lead",
    "contacts": "cont",
    "opportunities": "oppo",
    "activities": "acti",
    "tasks": "task",
    "users": "user",
    "lead_statuses": "stat",
    "opportunity_statuses": "stat",
    "pipelines": "pipe",
    "custom_fields": "cf",
    "outcomes": "outcome",
    "custom_activity_types": "actitype",
    "events": "ev",
    "requests": "req",
    "exports": "exp",
}
_ALPHABET = string.digits + string.ascii_letters
_LENGTH = 43
_SHORT = frozenset({"events", "requests", "exports", "pipelines", "custom_activity_types"})
_random = random.SystemRandom()


def new_id(resource: str) -> str:
    """Return an id for a new row of a resource."""
    length = 22 if resource in _SHORT else _LENGTH
    return f"{PREFIXES[resource]}_{''.join(_random.choices(_ALPHABET, k=length))}"
