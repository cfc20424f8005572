"""A program in a terminal of its own, and somebody who reads and types."""

from __future__ import annotations

import os
import pty
import select
import sys
import time
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
CTRL_C = "\x03"
CTRL_D = "\x04"


class Terminal:
    """``python -m close_kpis ...`` in a pseudo-terminal.

    Args:
        arguments: of the command.
        patience: seconds to wait for a text.
        as_of: the day that is today for it, such as 2026-06-17; empty for the real one.
    """

    def __init__(self, *arguments: str, patience: float = 180.0, as_of: str = "") -> None:
        self.shown = ""
        self._patience = patience
        self._seen = 0
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "CLOSE_KPIS"))}
            env = {**kept, "PYTHONPATH": str(ROOT / "plugins"), **({"CLOSE_KPIS_AS_OF": as_of} if as_of else {})}
            os.execve(sys.executable, [sys.executable, "-m", "close_kpis", *arguments], env)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._fd)

    def expect(self, text: str) -> str:
        """Wait until a text is shown that was not waited for before; return what came with it."""
        deadline = time.monotonic() + self._patience
        while (at := self.shown.find(text, self._seen)) < 0:
            assert time.monotonic() < deadline, f"{text!r} did not come:\n{self.shown}"
            assert self._read(), f"it ended before {text!r} came:\n{self.shown}"
        before = self.shown[self._seen : at + len(text)]
        self._seen = at + len(text)
        return before

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._fd, f"{text}\n".encode())

    def press(self, key: str) -> None:
        """Press a key that stands for itself, such as `CTRL_C`."""
        # A prompt is shown just before Python waits for a key; a signal in between is noticed with the next key only.
        time.sleep(0.5)
        os.write(self._fd, key.encode())

    def end(self) -> int:
        """Wait until the program has ended; return its exit status."""
        deadline = time.monotonic() + self._patience
        while self._read():
            assert time.monotonic() < deadline, f"it did not end:\n{self.shown}"
        _, status = os.waitpid(self._pid, 0)
        return os.waitstatus_to_exitcode(status)

    def _read(self) -> bool:
        """Take what is shown within a moment; return whether more can come."""
        if not select.select([self._fd], [], [], 0.2)[0]:
            return True
        try:
            part = os.read(self._fd, 65536)
        except OSError:
            return False
        self.shown += part.decode(errors="replace").replace("\r\n", "\n")
        return bool(part)
