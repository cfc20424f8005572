"""Processes that are started and, whatever happens, stopped again by their process group."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from typing import TYPE_CHECKING

from close_kpis.reporting import PipelineError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


HOST = "127.0.0.1"


class DidNotStartError(PipelineError):
    """A process ended or stayed silent before it was ready."""


def free_port() -> int:
    """Return a loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


class Process:
    """A child process in a process group of its own, with its output in a file.

    Args:
        name: what the process is called in messages.
        command: the program and its arguments.
        log: the file that takes its output.
        env: its environment; the parent's where None.
        stop_signal: what asks it to end.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.log = log
        self._stop_signal = stop_signal
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=env,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id, which is also its group's id."""
        return self._popen.pid

    def check_alive(self) -> None:
        """Raise DidNotStartError, with the last lines of its log, if the process has ended."""
        if self._popen.poll() is not None:
            raise DidNotStartError(f"{self.name} ended with {self._popen.returncode}:\n{tail(self.log)}")

    def stop(self, patience: float = 20.0) -> None:
        """Ask the process to end, then end what is left of its group.

        Args:
            patience: seconds it is given to end by itself.
        """
        if self._popen.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self._popen.send_signal(self._stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(patience)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()


def tail(path: Path, lines: int = 20) -> str:
    """Return the last lines of a text file."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
