"""Sandboxes that serve the small account, and their clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.close_api import CloseSandbox
from tests.sandbox.close_api.small_account import ACCOUNT, NOW, client_of, write_account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import httpx


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of the small account for tests that only read: one sandbox serves them all."""
    folder = write_account(tmp_path_factory.mktemp("account"), **ACCOUNT)
    with CloseSandbox(folder, as_of=NOW, rate=0) as sandbox, client_of(sandbox) as client:
        yield client


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., CloseSandbox]]:
    """Start a sandbox: ``serve()`` the small account, ``serve({"leads": [...]}, max_skip=10)`` another."""
    started: list[CloseSandbox] = []

    def start(account: dict[str, list[dict[str, Any]]] | None = None, **knobs: Any) -> CloseSandbox:
        folder = write_account(tmp_path / f"account-{len(started)}", **(account or ACCOUNT))
        sandbox = CloseSandbox(folder, **{"as_of": NOW, **knobs})
        started.append(sandbox.start())
        return sandbox

    yield start
    for sandbox in started:
        sandbox.stop()


@pytest.fixture
def connect() -> Iterator[Callable[[CloseSandbox], httpx.Client]]:
    """Return a client of a sandbox, below the API's base path, with the right key."""
    opened: list[httpx.Client] = []

    def client(sandbox: CloseSandbox) -> httpx.Client:
        opened.append(client_of(sandbox))
        return opened[-1]

    yield client
    for one in opened:
        one.close()


@pytest.fixture
def sandbox(serve: Callable[..., CloseSandbox]) -> CloseSandbox:
    """The small account, without a rate limit."""
    return serve(rate=0)


@pytest.fixture
def client(sandbox: CloseSandbox, connect: Callable[[CloseSandbox], httpx.Client]) -> httpx.Client:
    """A client of the small account."""
    return connect(sandbox)
