"""Processes that a demo or a test starts and, whatever happens, stops again by their process group."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from sandbox.loopback import HOST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class DidNotStartError(RuntimeError):
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


def start_sandbox(
    module: str, *arguments: str, folder: Path, root: Path, env: Mapping[str, str] | None = None
) -> tuple[Process, str]:
    """Start one of the sandbox's servers and wait until it listens.

    Args:
        module: ``close_api`` or ``sheets_api``.
        arguments: its command line, without the port.
        folder: where its log and its port file go.
        root: the project's folder.
        env: what it finds in its environment besides ours.

    Returns:
        The process and its base address.

    Raises:
        DidNotStartError: it ended, or did not listen within 60 seconds.
    """
    port_file = folder / f"{module}.port"
    port_file.unlink(missing_ok=True)
    process = Process(
        module,
        [sys.executable, "-m", f"sandbox.{module}", *arguments, "--port-file", str(port_file)],
        log=folder / f"{module}.log",
        env={**os.environ, "PYTHONPATH": str(root), **(env or {})},
    )
    try:
        deadline = time.monotonic() + 60
        while not port_file.exists():
            process.check_alive()
            if time.monotonic() > deadline:
                raise DidNotStartError(f"{module} did not listen within 60 s:\n{tail(process.log)}")
            time.sleep(0.05)
    except BaseException:
        process.stop()
        raise
    return process, f"http://{HOST}:{port_file.read_text(encoding='utf-8')}"


def tail(path: Path, lines: int = 20) -> str:
    """Return the last lines of a text file."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
