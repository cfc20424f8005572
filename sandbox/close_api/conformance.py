"""Checks the sandbox's answers against Close's OpenAPI file.

`python -m sandbox.close_api.conformance close-openapi.yaml [account folder]`

Asks a sandbox that serves the folder (without one: a small generated account) for every GET path of the
file and for the POST, PUT and DELETE paths that it serves, reads lists to the end and single objects by
the ids that the lists have, and checks each answer against the schema of its 200 reply. Prints a line for
each path, with the fields that the file describes and no answer has. The exit status is 1 where an answer
violates a schema.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import yaml
from jsonschema import Draft202012Validator

from sandbox.close_api.config import API_KEY
from sandbox.close_api.generated.spec import Generated
from sandbox.close_api.server import CloseSandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema.exceptions import ValidationError

_OBJECTS = 40
_PAGES = 30
_SMALL = Generated(leads=120, activities=400, opportunities=80, contacts=60, tasks=40, users=12)
_ALL_KINDS = {"/task/": "?_type=all"}
_KINDS = ("lead", "contact", "opportunity")
_WRITTEN: dict[str, dict[str, Any]] = {
    "lead": {"name": "Written"},
    "contact": {"name": "Written", "emails": [{"type": "office", "email": "written@example.com"}]},
    "opportunity": {"value": 5_000, "value_period": "monthly", "confidence": 40},
    "task": {"_type": "lead", "text": "Written", "date": "2026-07-01"},
    "activity/note": {"note": "Written"},
    "activity/call": {"direction": "outbound", "duration": 60},
    "activity/email": {"subject": "Written", "status": "draft"},
    "activity/sms": {"text": "Written", "status": "draft"},
}
"""Path of what can be written -> a body."""

_MESSAGE = 160
_DEPTH = 4


@dataclass
class Outcome:
    """What was found on one path.

    Attributes:
        path: as in the OpenAPI file, below /api/v1.
        answers: how many were checked; 0 where the sandbox does not serve the path.
        violations: place and message -> how often.
        described: fields of the rows that the file describes.
        seen: fields that rows had.
    """

    path: str
    answers: int = 0
    violations: Counter[str] = field(default_factory=Counter)
    described: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    def lines(self) -> Iterator[str]:
        """Yield what to print."""
        if not self.answers:
            yield f"-        {self.path}: not served"
            return
        state = "VIOLATED" if self.violations else "ok      "
        yield f"{state} {self.path}: {self.answers} answers"
        yield from (f"         {count:>5} x {text}" for text, count in self.violations.most_common())
        unseen = sorted(self.described - self.seen) if self.seen else []
        if unseen:
            yield f"         never seen: {', '.join(unseen)}"


class Conformance:
    """One check of one sandbox.

    Args:
        document: the OpenAPI file's content.
        client: below the API's base path, with a key.
        org_id: the organisation.
    """

    def __init__(self, document: dict[str, Any], client: httpx.Client, org_id: str) -> None:
        self._document = document
        self._client = client
        self._org_id = org_id
        self._ids: dict[str, list[str]] = {}

    def run(self) -> Iterator[Outcome]:
        """Yield the outcome of each path: lists come before what their ids lead to."""
        paths = [path for path, methods in self._document["paths"].items() if "get" in methods]
        for path in sorted(paths, key=lambda path: ("{" in path, path)):
            yield self._checked(path)
        yield from self._written()

    def _checked(self, path: str) -> Outcome:
        outcome = Outcome(path)
        validator = self._validator(path, "get")
        outcome.described = self._described(validator.schema, is_list="{id}" not in path)
        for asked in self._asked(path):
            for answer in self._answers(asked):
                outcome.answers += 1
                _note(outcome, validator, answer)
                outcome.seen |= _fields_seen(answer)
                if "{" not in path and isinstance(answer, dict):
                    self._ids.setdefault(path, []).extend(
                        row["id"] for row in answer.get("data") or () if isinstance(row, dict) and "id" in row
                    )
        return outcome

    def _written(self) -> Iterator[Outcome]:
        """Make, change and delete an object of each kind that can be written; search, export and merge."""
        lead_id = str(self._send("post", "/lead/", {"name": "First"})[1].get("id"))
        other_id = str(self._send("post", "/lead/", {"name": "Second"})[1].get("id"))
        for name, body in _WRITTEN.items():
            on_lead = {} if name == "lead" else {"lead_id": lead_id}
            outcome, made = self._send("post", f"/{name}/", {**body, **on_lead})
            yield outcome
            yield self._send("put", f"/{name}/{{id}}/", body, made.get("id"))[0]
            yield self._send("delete", f"/{name}/{{id}}/", None, made.get("id"))[0]
        for kind in _KINDS:
            query = {"type": "object_type", "object_type": kind}
            yield self._send("post", "/data/search/", {"query": query, "_fields": {kind: ["id", "date_created"]}})[0]
        yield self._send("post", "/export/lead/", {"format": "json", "type": "leads"})[0]
        yield self._send("post", "/export/opportunity/", {"format": "csv"})[0]
        yield self._send("post", "/lead/merge/", {"source": other_id, "destination": lead_id})[0]

    def _send(self, method: str, path: str, body: Any, row_id: str | None = None) -> tuple[Outcome, dict[str, Any]]:
        """Return the outcome of one request, and the answer."""
        outcome = Outcome(f"{method.upper()} {path}", 1)
        reply = self._client.request(method, path.replace("{id}", str(row_id)), json=body)
        if reply.is_error:
            outcome.violations[f"status {reply.status_code}: {reply.text[:_MESSAGE]}"] += 1
            return outcome, {}
        answer = reply.json()
        _note(outcome, self._validator(path, method), answer)
        return outcome, answer

    def _asked(self, path: str) -> Iterator[str]:
        """Yield the addresses to ask for a path of the file."""
        if "{" not in path:
            yield path + _ALL_KINDS.get(path, "")
        elif "{org_id}" in path or path == "/organization/{id}/":
            yield path.replace("{org_id}", self._org_id).replace("{id}", self._org_id)
        elif "{object_type}" in path:
            yield from (path.replace("{object_type}", kind) for kind in _KINDS)
        elif path.endswith("/{id}/"):
            parent = path.removesuffix("{id}/")
            yield from (f"{parent}{row_id}/" for row_id in self._ids.get(parent, [])[:_OBJECTS])

    def _answers(self, asked: str) -> Iterator[Any]:
        """Yield an answer and, of a list, those that follow it."""
        more: dict[str, str | int] = {}
        rows = 0
        for _ in range(_PAGES):
            reply = self._client.get(asked, params={**dict(httpx.URL(asked).params), **more})
            if reply.status_code == 404:
                return
            reply.raise_for_status()
            answer = reply.json()
            yield answer
            rows += len(answer.get("data") or ())
            if answer.get("cursor_next"):
                more = {"_cursor": answer["cursor_next"]}
            elif answer.get("has_more"):
                more = {"_skip": rows}
            else:
                return

    def _described(self, schema: Any, *, is_list: bool) -> set[str]:
        """Return the names of the fields that rows have by a reply's schema."""
        for _ in range(_DEPTH):
            if "$ref" in schema:
                schema = self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            elif is_list and "data" in schema.get("properties", {}):
                schema, is_list = schema["properties"]["data"].get("items", {}), False
        return set() if is_list else set(schema.get("properties", ()))

    def _validator(self, path: str, method: str) -> Draft202012Validator:
        replies = self._document["paths"].get(path, {}).get(method, {}).get("responses", {})
        schema = replies.get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
        return Draft202012Validator({**schema, "components": self._document["components"]})


def _fields_seen(answer: Any) -> set[str]:
    rows = answer.get("data", [answer]) if isinstance(answer, dict) else []
    return {name for row in rows if isinstance(row, dict) for name in row}


def _note(outcome: Outcome, validator: Draft202012Validator, answer: Any) -> None:
    for error in validator.iter_errors(answer):
        outcome.violations.update(_texts(error))


def _texts(error: ValidationError) -> Iterator[str]:
    """Yield place and message; of a choice of schemas the complaints of the one that fits best."""
    if error.context:
        by_choice: dict[Any, list[ValidationError]] = {}
        for inner in error.context:
            by_choice.setdefault(inner.schema_path[0], []).append(inner)
        best = min(by_choice.values(), key=lambda inner: (len(inner), -max(len(one.absolute_path) for one in inner)))
        for inner in best:
            yield from _texts(inner)
        return
    place = ".".join("[]" if isinstance(part, int) else str(part) for part in error.absolute_path)
    yield f"{place}: {error.message[:_MESSAGE]}"


def check(openapi: Path, account: Path | Generated | None = None) -> list[Outcome]:
    """Return the outcomes of all paths for a sandbox that serves an account.

    Args:
        openapi: the OpenAPI file, YAML.
        account: a folder, or the size of a generated one; None: a small generated one.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document = yaml.load(openapi.read_text(encoding="utf-8"), Loader=loader)
    generated = account is None or isinstance(account, Generated)
    with CloseSandbox(account or _SMALL, rate=0, event_retention_days=100_000) as sandbox:
        if generated:
            sandbox.change(edits=15, creates=12, deletes=6)
        base = f"{sandbox.url}/api/v1"
        with httpx.Client(base_url=base, auth=(API_KEY, ""), timeout=60, verify=False) as client:
            return list(Conformance(document, client, sandbox.account.organization["id"]).run())


def main(argv: list[str] | None = None) -> int:
    """Check and print; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.close_api.conformance", description=__doc__)
    parser.add_argument("openapi", type=Path, help="Close's OpenAPI file (YAML)")
    parser.add_argument("account", type=Path, nargs="?", help="account folder; default: a small generated account")
    given = parser.parse_args(argv)
    outcomes = check(given.openapi, given.account)
    for outcome in outcomes:
        for line in outcome.lines():
            print(line)
    served = [outcome for outcome in outcomes if outcome.answers]
    violated = sum(bool(outcome.violations) for outcome in served)
    print(f"{len(served)} of {len(outcomes)} paths served, {violated} violated")
    return 1 if violated else 0


if __name__ == "__main__":
    sys.exit(main())
