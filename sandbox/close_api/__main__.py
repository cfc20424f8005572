"""``python -m sandbox.close_api --account DIR``: the sandbox as a program.

Listens on loopback until SIGTERM or SIGINT. The port goes to ``--port-file`` once the server
answers.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sandbox.close_api.config import API_KEY, KEY_VARIABLE, SandboxConfig
from sandbox.close_api.generated.spec import Generated
from sandbox.close_api.server import CloseSandbox
from sandbox.loopback import publish_port, stop_signal

_OPTIONS = frozenset({"api_key", "latency", "rate", "rate_window", "rate_headers", "max_skip", "search_delay"})


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.close_api", description=__doc__)
    served = parser.add_mutually_exclusive_group(required=True)
    served.add_argument("--account", type=Path, help="account folder (JSON Lines)")
    served.add_argument(
        "--generated",
        type=_size,
        metavar="leads=N,activities=N,...",
        help="generate an account: " + ", ".join(f"{name}={value}" for name, value in asdict(Generated()).items()),
    )
    parser.add_argument("--state", type=Path, help="folder that keeps changes across restarts")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--port-file", type=Path, help="file that receives the port")
    parser.add_argument("--as-of", help="instant (ISO 8601) at which the sandbox's now begins")
    parser.add_argument(
        "--api-key",
        default=os.environ.get(KEY_VARIABLE) or API_KEY,
        help=f"the key that is let in; {KEY_VARIABLE} in the environment shows it to no other user",
    )
    parser.add_argument("--latency-ms", type=float, default=0.0, help="delay of every reply")
    parser.add_argument("--rate", type=int, default=160, help="requests a window and endpoint group; 0: any")
    parser.add_argument("--search-rate", type=int, help="the same for search; default: a tenth of --rate")
    parser.add_argument("--rate-window", type=float, default=8.0, help="seconds of a window")
    parser.add_argument("--rate-headers", choices=("semicolon", "comma", "none"), default="semicolon")
    parser.add_argument("--max-skip", type=int, default=250_000, help="largest _skip")
    parser.add_argument("--search-delay", type=float, default=0.0, help="seconds until search shows a write")
    parser.add_argument(
        "--set",
        type=_knob,
        action="append",
        default=[],
        metavar="KNOB=VALUE",
        help="any other knob with a plain value, again for each: " + ", ".join(_plain_knobs()),
    )
    parser.add_argument(
        "--restricted-key",
        type=_pair,
        action="append",
        default=[],
        metavar="KEY=USER_ID",
        help="a further key that sees only what is its user's, again for each",
    )
    return parser.parse_args(argv)


def _size(text: str) -> Generated:
    try:
        return Generated.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _plain_knobs() -> dict[str, Any]:
    """Return the knobs without an option of their own that are numbers, texts or truth values."""
    knobs = asdict(SandboxConfig())
    return {
        name: value for name, value in knobs.items() if isinstance(value, str | int | float) and name not in _OPTIONS
    }


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if not value:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _knob(text: str) -> tuple[str, Any]:
    name, value = _pair(text)
    knobs = _plain_knobs()
    if name not in knobs:
        raise argparse.ArgumentTypeError(f"unknown knob {name!r}: choose from {', '.join(knobs)}")
    default = knobs[name]
    return name, value == "true" if isinstance(default, bool) else type(default)(value)


def main(argv: list[str] | None = None) -> int:
    """Serve until told to stop; return the exit status."""
    given = arguments(argv)
    try:
        sandbox = CloseSandbox(
            given.generated or given.account,
            state=given.state,
            as_of=given.as_of,
            port=given.port,
            api_key=given.api_key,
            latency=given.latency_ms / 1000,
            rate=given.rate,
            search_rate=given.search_rate,
            rate_window=given.rate_window,
            rate_headers=given.rate_headers,
            max_skip=given.max_skip,
            search_delay=given.search_delay,
            restricted_keys=dict(given.restricted_key),
            **dict(given.set),
        )
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    ended = stop_signal()
    with sandbox:
        publish_port(given.port_file, sandbox.port)
        print(f"Close sandbox: {sandbox.url}/api/v1/ serving {given.generated or given.account}", flush=True)
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
