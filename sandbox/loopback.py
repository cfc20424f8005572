"""What both servers of the sandbox need to run: a socket on loopback, a thread that serves, the end on a signal."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    import asyncio
    from pathlib import Path

    from starlette.types import ASGIApp

HOST = "127.0.0.1"
START_SECONDS = 20.0
STOP_SECONDS = 10.0


def listen(port: int) -> socket.socket:
    """Return a socket that takes connections on a port of loopback; 0 takes a free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(128)
    return listener


class ServerThread:
    """A thread that serves an ASGI application.

    Args:
        name: what is served, for the thread's name and messages.
        app: the application.
        listener: the socket, which is closed at the end.
        protocol: how HTTP is read; uvicorn's own way where None.
    """

    def __init__(
        self, name: str, app: ASGIApp, listener: socket.socket, protocol: type[asyncio.Protocol] | None = None
    ) -> None:
        self._name = name
        self._listener = listener
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                http=protocol or "auto",
                ws="none",
                lifespan="off",
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, name=name, daemon=True)

    def start(self) -> None:
        """Serve; returns once requests are answered.

        Raises:
            RuntimeError: the server did not come up.
        """
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError(f"{self._name} did not start")
            time.sleep(0.005)

    def stop(self) -> None:
        """Stop serving and give the port back."""
        self._server.should_exit = True
        self._thread.join(STOP_SECONDS)
        self._listener.close()


def stop_signal() -> threading.Event:
    """Return an event that SIGTERM or SIGINT sets."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    return told


def publish_port(path: Path | None, port: int) -> None:
    """Write a port to a file, where one is wanted, so that a reader sees either no file or a whole one."""
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_text(str(port), encoding="utf-8")
    part.replace(path)
