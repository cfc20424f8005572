"""Replays recorded traffic with Google on the sandbox and says which answers differ.

`python -m sandbox.sheets_api.replay FOLDER_OR_FILE...`

A recording is a JSON file as vcr keeps it: gspread's tests have a folder of them (`tests/cassettes`), and
`python -m close_kpis selftest --record` writes one. It holds one session or several; a session begins where a
spreadsheet is made. Each request is sent again, with the ids that the sandbox has drawn in place of those that Google
had, and the answers are compared: status, names and values, without ids, times and the name of the account. Prints a
line for each difference and, at the end, how many of how many are the same. The exit status is 1 where an answer
differs for no known reason.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from sandbox.sheets_api.server import SheetsSandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

Exchange = dict[str, Any]
CREATES = re.compile(r"/drive/v3/files(\?|$)|/v4/spreadsheets(\?|$)")
SPREADSHEET = re.compile(r"/(?:spreadsheets|files)/([^/:?]+)")
DRAWN = {
    "spreadsheetId",
    "id",
    "sheetId",
    "namedRangeId",
    "protectedRangeId",
    "chartId",
    "bandedRangeId",
    "metadataId",
    "filterViewId",
    "slicerId",
    "tableId",
    "spreadsheetUrl",
    "alternateLink",
    "createdTime",
    "modifiedTime",
    "createdDate",
    "modifiedDate",
    "version",
}
"""Fields whose values are drawn or depend on the clock."""
CHOSEN_IDS = 1_000
"""Smaller ids are chosen, not drawn: the first sheet has 0."""
SHORTEST_ID = 6
"""Characters of an id that is a text, at least."""
ACCOUNT = re.compile(r"\S+@\S+\.gserviceaccount\.com")
KNOWN = {
    "$.sheets[].data[].columnMetadata[].pixelSize": "a column is as wide as its text, which Google measures in fonts "
    "of its own",
}
"""Differences that stay: place -> why."""


@dataclass
class Outcome:
    """What became of a session.

    Attributes:
        name: file and number of the session.
        requests: how many were sent.
        same: how many were answered as recorded.
        differences: request, place and kind of each difference.
        known: reasons from `KNOWN` -> how many answers differ for them alone.
        left_out: why requests were not sent -> how many.
    """

    name: str
    requests: int = 0
    same: int = 0
    differences: list[str] = field(default_factory=list)
    known: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def replay(paths: list[Path]) -> Iterator[Outcome]:
    """Replay recordings on a sandbox of their own.

    Args:
        paths: files, or folders whose JSON files are meant.
    """
    files = [file for path in paths for file in (sorted(path.glob("*.json")) if path.is_dir() else [path])]
    with (
        tempfile.TemporaryDirectory() as folder,
        SheetsSandbox(Path(folder), anonymous=True) as sandbox,
        httpx.Client(base_url=sandbox.url, timeout=60) as client,
    ):
        for file in files:
            exchanges = json.loads(file.read_text(encoding="utf-8"))["interactions"]
            for number, session in enumerate(_sessions(exchanges), 1):
                for book in sandbox.store.books():
                    if book.shared:
                        sandbox.store.delete(book.id)
                yield _Session(f"{file.name} {number}", sandbox, client).run(session)


def summary(outcomes: list[Outcome]) -> Iterator[str]:
    """Yield how many sessions and requests were answered as recorded, and what was left out."""
    sent, same = sum(one.requests for one in outcomes), sum(one.same for one in outcomes)
    whole = sum(one.requests == one.same for one in outcomes)
    yield f"{whole} of {len(outcomes)} sessions and {same} of {sent} requests are answered as recorded"
    for kind, counts in (("differ", [one.known for one in outcomes]), ("not sent", [one.left_out for one in outcomes])):
        for why, count in sum(counts, Counter()).items():
            yield f"{count} {kind}: {why}"


def _sessions(exchanges: list[Exchange]) -> list[list[Exchange]]:
    """The sessions of a file, each beginning with the making of a spreadsheet; all of it where none is made."""
    found: list[list[Exchange]] = []
    for exchange in exchanges:
        if not found or _creates(exchange):
            found.append([])
        found[-1].append(exchange)
    return found


def _creates(exchange: Exchange) -> bool:
    request = exchange["request"]
    return bool(request["method"] == "POST" and CREATES.search(request["uri"]))


class _Session:
    """One session on its way through the sandbox: the ids that stand for recorded ones, and what was found."""

    def __init__(self, name: str, sandbox: SheetsSandbox, client: httpx.Client) -> None:
        self._sandbox, self._client = sandbox, client
        self._ours: dict[Any, Any] = {}
        self._outcome = Outcome(name)

    def run(self, session: list[Exchange]) -> Outcome:
        if not any(map(_creates, session)):
            self._prepare(session)
        for exchange in session:
            self._one(exchange)
        return self._outcome

    def _prepare(self, session: list[Exchange]) -> None:
        """Makes the spreadsheets that a session finds."""
        for exchange in session:
            found = SPREADSHEET.search(exchange["request"]["uri"])
            if found and exchange["response"]["status"]["code"] == 200 and found[1] not in self._ours:
                title = _json(exchange["response"]["body"].get("string") or "").get("properties", {}).get("title")
                self._ours[found[1]] = self._sandbox.create_spreadsheet(title or found[1])

    def _one(self, exchange: Exchange) -> None:
        request, response = exchange["request"], exchange["response"]
        status, recorded = response["status"]["code"], response["body"].get("string") or ""
        address = urlsplit(request["uri"])
        named = SPREADSHEET.search(address.path)
        if named and named[1] not in self._ours and status < 400:
            self._outcome.left_out["the spreadsheet was made in another session"] += 1
            return
        if named and named[1] not in self._ours and status == 403:
            self._ours[named[1]] = self._sandbox.create_spreadsheet("Private", shared=False)
        answer = self._client.request(
            request["method"],
            self._substituted(address.path + (f"?{address.query}" if address.query else "")),
            content=self._body(request),
            headers={"Content-Type": _content_type(request)},
        )
        self._outcome.requests += 1
        found = [f"status {status}, here {answer.status_code}"] if status != answer.status_code else []
        if not found and recorded:
            found = self._compared(address.path, recorded, answer.text)
        reasons = {KNOWN.get(place.split(": ")[0]) for place in found}
        if not found:
            self._outcome.same += 1
        elif None not in reasons:
            self._outcome.known[" and ".join(sorted(filter(None, reasons)))] += 1
        else:
            what = f"{self._outcome.name}: {request['method']} {address.path}"
            self._outcome.differences += [f"{what}: {place}" for place in found]

    def _compared(self, path: str, recorded: str, answered: str) -> list[str]:
        """The differences between two bodies."""
        theirs, ours = _json(recorded), _json(answered)
        if not theirs:
            return [] if recorded == answered else ["$: another text"]
        self._learn(theirs, ours)
        if path == "/drive/v3/files" and "files" in theirs:
            # Whatever else the account has is listed, too.
            theirs, ours = ({**body, "files": body["files"][:1]} for body in (theirs, ours))
            return [place for place in differences(theirs, ours) if not place.endswith("another value")]
        if path.startswith("/upload/drive/"):
            theirs = {name: value for name, value in theirs.items() if name in ours}
        return list(differences(theirs, ours))

    def _learn(self, theirs: Any, ours: Any, name: str = "") -> None:
        """Notes which drawn values stand for which."""
        if isinstance(theirs, dict) and isinstance(ours, dict):
            for key in theirs.keys() & ours.keys():
                self._learn(theirs[key], ours[key], key)
        elif isinstance(theirs, list) and isinstance(ours, list):
            for one, other in zip(theirs, ours, strict=False):
                self._learn(one, other, name)
        elif name in DRAWN and type(theirs) is type(ours) and not _is_chosen(theirs):
            self._ours[theirs] = ours

    def _body(self, request: Exchange) -> str | None:
        body = request["body"]
        return json.dumps(self._replaced(_json(body))) if body and _json(body) else body or None

    def _replaced(self, node: Any) -> Any:
        if isinstance(node, dict):
            return {name: self._replaced(item) for name, item in node.items()}
        if isinstance(node, list):
            return [self._replaced(item) for item in node]
        return self._ours.get(node, node) if isinstance(node, str | int) and not isinstance(node, bool) else node

    def _substituted(self, text: str) -> str:
        for theirs in sorted((str(one) for one in self._ours), key=len, reverse=True):
            text = text.replace(theirs, str(self._ours.get(theirs, self._ours.get(_number(theirs)))))
        return text


def differences(theirs: Any, ours: Any, place: str = "$", name: str = "") -> Iterator[str]:
    """Yield where two JSON values differ, ids and times apart: the place and what is there.

    Args:
        theirs: what was recorded.
        ours: what the sandbox answers.
        place: a path; lists are `[]`.
        name: the field that holds the values.
    """
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in sorted(theirs.keys() | ours.keys()):
            if key not in ours or key not in theirs:
                yield f"{place}.{key}: {'missing' if key in theirs else 'too much'}"
            else:
                yield from differences(theirs[key], ours[key], f"{place}.{key}", key)
    elif isinstance(theirs, list) and isinstance(ours, list):
        if len(theirs) != len(ours):
            yield f"{place}: {len(ours)} instead of {len(theirs)}"
        for one, other in zip(theirs, ours, strict=False):
            yield from differences(one, other, f"{place}[]", name)
    elif _is_number(theirs) and _is_number(ours):
        if abs(theirs - ours) > 1e-6 * max(1, abs(theirs)) and (name not in DRAWN or _is_chosen(theirs)):
            yield f"{place}: another value"
    elif type(theirs) is not type(ours):
        yield f"{place}: another type"
    elif name not in DRAWN and ACCOUNT.sub("account", str(theirs)) != ACCOUNT.sub("account", str(ours)):
        yield f"{place}: another value"


def _is_chosen(value: Any) -> bool:
    """Whether an id is no drawn one: so short a text, such as a version, would be found within others."""
    return value < CHOSEN_IDS if isinstance(value, int) else isinstance(value, str) and len(value) < SHORTEST_ID


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _json(text: str) -> dict[str, Any]:
    """The JSON object that a text holds; empty where it is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _content_type(request: Exchange) -> str:
    """The media type that a request was sent with; recordings of `selftest` have no headers."""
    headers = {name.lower(): value for name, value in (request.get("headers") or {}).items()}
    told = headers.get("content-type", "application/json")
    return str(told[0] if isinstance(told, list) else told)


def main(arguments: list[str] | None = None) -> int:
    """Print the differences and the summary; return 1 where something differs for no known reason."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.sheets_api.replay", description=__doc__)
    parser.add_argument("recordings", nargs="+", type=Path, help="files, or folders of them")
    outcomes = list(replay(parser.parse_args(arguments).recordings))
    for one in outcomes:
        for difference in one.differences:
            print(difference)
    for line in summary(outcomes):
        print(line)
    return 1 if any(one.differences for one in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
