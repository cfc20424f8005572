"""How many accounts the tests draw, and always the same ones.

`TEST_EXAMPLES=1000` draws that many instead, new ones at every run.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.strategies import MadeAccount

MORE = os.environ.get("TEST_EXAMPLES")


def examples(usual: int) -> settings:
    """Return the settings of a test that draws `usual` accounts."""
    return settings(
        max_examples=int(MORE or usual),
        derandomize=MORE is None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def in_folder(made: MadeAccount, check: Callable[[Path], None]) -> None:
    """Run a check on an account written to a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        check(made.write(Path(folder)))
