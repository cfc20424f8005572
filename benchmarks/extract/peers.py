"""The connectors beside ours: how each is installed, started and read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.extract.messages import Held, airbyte_catalog, singer_catalog, take_airbyte, take_singer
from benchmarks.extract.processes import Run, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.extract.sandbox import Sandbox

HERE = Path(__file__).parent
REDIRECT = HERE / "redirect.py"
PYTHONS = ("3.10",)
"""Python versions that all pinned packages run on: tap-closeio asks for 3.10, and Airbyte's declarative source breaks
on 3.11."""


class NoPythonError(RuntimeError):
    """No Python that a peer runs on was found."""


@dataclass(frozen=True)
class Peer:
    """A connector.

    Attributes:
        name: as shown, with its version.
        package: its pinned requirements are ``peers/<package>.txt``.
        entry: what is run, ``module:function`` or the class of an Airbyte source.
        start_format: of the setting ``start_date``.
        discover: arguments that make it tell its streams.
        read: arguments that make it read.
        catalog: makes the catalogue to read of what it told.
        take: takes in what it wrote.
    """

    name: str
    package: str
    entry: str
    start_format: str
    discover: tuple[str, ...]
    read: tuple[str, ...]
    catalog: Callable[[str], dict[str, Any]]
    take: Callable[[Held, Path], None]


def _airbyte(name: str, entry: str) -> Peer:
    return Peer(
        name,
        "airbyte-source-close-com",
        entry,
        "%Y-%m-%d",
        ("discover",),
        ("read",),
        airbyte_catalog,
        take_airbyte,
    )


PEERS = {
    "tap": Peer(
        "tap-closeio 1.6.6",
        "tap-closeio",
        "tap_closeio:main",
        "%Y-%m-%dT00:00:00Z",
        ("--discover",),
        (),
        singer_catalog,
        take_singer,
    ),
    "airbyte": _airbyte("airbyte-source-close-com 0.5.30", "source_close_com.run:run"),
    "airbyte-yaml": _airbyte("airbyte 0.5.30, its manifest.yaml", "source_close_com.source_lc:SourceCloseCom"),
}
"""The connectors. The Airbyte package holds the source twice: its command runs the one in Python, and
``source_lc`` the declarative one, to which later versions moved."""


class PeerTool:
    """A connector in its environment, with what its destination holds.

    Args:
        peer: the connector.
        python: a Python to make its environment with, None to look for one.
        build: folder of the environments.
        folder: for its settings, state and output.
        start: ``start_date``, a date before the account's first record.
    """

    def __init__(self, peer: Peer, python: str | None, build: Path, folder: Path, start: Any) -> None:
        self.name = peer.name
        self.held = Held()
        self.log = folder / "errors.log"
        self._peer = peer
        self._folder = folder
        self._python = environment(peer, python, build)
        self._config = self._write("config", {"start_date": start.strftime(peer.start_format)})
        self._catalog: Path | None = None

    def sync(self, sandbox: Sandbox, limit: float) -> Run:
        """Run it once and take in what it wrote."""
        settings = json.loads(self._config.read_text(encoding="utf-8"))
        self._write("config", {**settings, "api_key": sandbox.api_key})
        if self._catalog is None:
            told = self._folder / "catalog.out"
            done = run(self._command(sandbox, self._peer.discover), told, self.log, limit=limit)
            if done.status != 0:
                return done
            self._catalog = self._write("catalog", self._peer.catalog(told.read_text(encoding="utf-8")))
            sandbox.take_requests()
        arguments = [*self._peer.read, "--catalog", str(self._catalog)]
        if self.held.state is not None:
            arguments += ["--state", str(self._write("state", self.held.state))]
        output = self._folder / "records.out"
        done = run(self._command(sandbox, arguments), output, self.log, limit=limit)
        self._peer.take(self.held, output)
        return done

    def _command(self, sandbox: Sandbox, arguments: Sequence[str]) -> list[str]:
        start = [str(self._python), str(REDIRECT), sandbox.url, self._peer.entry]
        return [*start, *arguments, "--config", str(self._config)]

    def _write(self, name: str, content: Any) -> Path:
        path = self._folder / f"{name}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path


def environment(peer: Peer, python: str | None, build: Path) -> Path:
    """Return the Python of a peer's own environment, which is made where there is none.

    Raises:
        NoPythonError: no Python fits.
    """
    folder = build / peer.package
    pinned = (HERE / "peers" / f"{peer.package}.txt").read_text(encoding="utf-8")
    installed = folder / "installed.txt"
    if not installed.exists() or installed.read_text(encoding="utf-8") != pinned:
        print(f"Installing {peer.package} in {folder} ...", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([find_python(python), "-m", "venv", folder], check=True)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", HERE / "peers" / f"{peer.package}.txt"], check=True)
        installed.write_text(pinned, encoding="utf-8")
    return folder / "bin" / "python"


def find_python(named: str | None) -> str:
    """Return the Python to make environments with: the named one, else the first on the PATH that fits.

    Raises:
        NoPythonError: none fits.
    """
    candidates = [named] if named else [f"python{version}" for version in PYTHONS]
    for candidate in candidates:
        if _version(candidate) in PYTHONS:
            return candidate
    raise NoPythonError(
        f"The connectors need Python {' or '.join(PYTHONS)}; {', '.join(candidates)} is none that runs here: "
        f"name one with PEER_PYTHON=/path/to/python{PYTHONS[0]} (or --peer-python), or leave the connectors out "
        "with TOOLS=ours (or --tools ours)"
    )


def _version(python: str) -> str | None:
    """Return a Python's version (``3.10``), None where it does not run."""
    asked = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, check=True, env=os.environ, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
