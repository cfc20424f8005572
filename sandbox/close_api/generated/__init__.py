"""An account made from a few numbers: rows are not kept but made when they are asked for.

``Generated`` says how many rows; ``tables`` and what it imports make them, as columns of numbers.
"""

from __future__ import annotations

from sandbox.close_api.generated.spec import Generated

__all__ = ["Generated"]
