"""The one write lock of a lake: who cannot wait gives up."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from close_kpis.lake.config import LakeError
from close_kpis.lake.lock import write_lock

if TYPE_CHECKING:
    from close_kpis.lake.config import LakeConfig


def hold(config: LakeConfig, patience: float | None) -> None:
    with write_lock(config, patience):
        pass


@pytest.mark.parametrize("kind", ["lake", "postgres_lake"])
def test_a_writer_with_little_patience_gives_up_and_another_one_waits(
    request: pytest.FixtureRequest, kind: str
) -> None:
    config: LakeConfig = request.getfixturevalue(kind)
    with ThreadPoolExecutor(1) as another:
        with write_lock(config):
            with pytest.raises(LakeError, match="another process has"):
                another.submit(hold, config, 0.2).result()
            waiting = another.submit(hold, config, None)
            time.sleep(0.5)
            assert not waiting.done()
        waiting.result()
    hold(config, 0.2)
