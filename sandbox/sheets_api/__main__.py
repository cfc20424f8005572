"""`python -m sandbox.sheets_api`: the sandbox as a process."""

from __future__ import annotations

import argparse
from pathlib import Path

from sandbox.loopback import publish_port, stop_signal
from sandbox.sheets_api.model import COPIED_METADATA
from sandbox.sheets_api.server import SheetsSandbox


def main(arguments: list[str] | None = None) -> None:
    """Serves until SIGTERM or SIGINT."""
    options = _parser().parse_args(arguments)
    sandbox = SheetsSandbox(
        options.state,
        port=options.port,
        anonymous=options.anonymous,
        reads_per_minute=options.reads_per_minute,
        writes_per_minute=options.writes_per_minute,
        copied_metadata=options.copied_metadata,
    )
    known = {book.id for book in sandbox.store.books()}
    for wanted in options.spreadsheet:
        book_id, _, title = wanted.partition(":")
        if book_id not in known:
            sandbox.create_spreadsheet(title or book_id, book_id)
    ended = stop_signal()
    with sandbox:
        publish_port(options.port_file, sandbox.port)
        print(f"Google Sheets sandbox on {sandbox.url}", flush=True)
        ended.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox.sheets_api", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder that keeps the spreadsheets and the key")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--port-file", type=Path, help="file that receives the port once it answers")
    parser.add_argument(
        "--spreadsheet", action="append", default=[], metavar="ID:TITLE", help="make this spreadsheet if missing"
    )
    parser.add_argument("--anonymous", action="store_true", help="serve the API without access tokens")
    parser.add_argument("--reads-per-minute", type=int, help="quota of reading calls (Google's: 60)")
    parser.add_argument("--writes-per-minute", type=int, help="quota of writing calls (Google's: 60)")
    parser.add_argument(
        "--copied-metadata",
        choices=COPIED_METADATA,
        default=COPIED_METADATA[0],
        help="developer metadata of copied tabs and spreadsheets (default: %(default)s)",
    )
    return parser


if __name__ == "__main__":
    main()
