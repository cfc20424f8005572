"""The account that is served: a folder of JSON Lines, and the journal of what was changed since."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from sandbox.close_api import times
from sandbox.close_api.collection import Collection, Row
from sandbox.close_api.generated.spec import Generated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RESOURCES = (
    "organization",
    "users",
    "lead_statuses",
    "pipelines",
    "custom_fields",
    "outcomes",
    "custom_activity_types",
    "leads",
    "contacts",
    "opportunities",
    "activities",
    "tasks",
    "events",
)
NAIVE = frozenset({"pipelines", "custom_activity_types", "events"})
"""Resources whose time stamps come without offset. Source: recorded replies."""

NESTED_IN_LEAD = frozenset({"contacts", "opportunities", "tasks"})
DEFAULT_ORGANIZATION = "orga_sandbox"
JOURNAL = "changes.jsonl"


def read_lines(path: Path) -> Iterator[Row]:
    """Yield the objects of a JSON Lines file; none where there is no file.

    Raises:
        ValueError: a line is not a JSON object with an id; names the file and the line.
    """
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise ValueError(f"{path}:{number} is not JSON: {error}") from None
            if not isinstance(row, dict) or not row.get("id"):
                raise ValueError(f'{path}:{number} is not an object with an "id"')
            yield row


class Account:
    """All collections of an account, and the lock that guards them.

    Args:
        source: the account folder, in which a file may be missing, or the size of an account that
            is to be generated.
        state: folder in which changes are kept, so that a restarted sandbox goes on with them;
            None keeps them in memory.

    Raises:
        ValueError: the folder does not exist or a file in it cannot be read.
    """

    def __init__(self, source: Path | Generated, state: Path | None = None) -> None:
        if not isinstance(source, Generated) and not source.is_dir():
            raise ValueError(f"{source} is not an account folder: it does not exist")
        self.lock = threading.RLock()
        self.written: dict[str, float] = {}
        self.collections = {name: Collection(name, naive=name in NAIVE) for name in RESOURCES}
        self._journal = None if state is None else state / JOURNAL
        if isinstance(source, Generated):
            _generate(source, self.collections)
        else:
            self._load(source)
        if self._journal is not None:
            self._journal.parent.mkdir(parents=True, exist_ok=True)
            self._replay(self._journal)

    def __getitem__(self, resource: str) -> Collection:
        return self.collections[resource]

    @property
    def organization(self) -> Row:
        """The organisation's own row; made up from the other rows where the folder has none."""
        return next(iter(self["organization"]))

    @property
    def statuses(self) -> dict[str, Row]:
        """Opportunity statuses of all pipelines by id, with ``pipeline_id`` and ``pipeline_name``."""
        revision = self["pipelines"].revision
        if self._statuses is None or self._statuses[0] != revision:
            found = {
                status["id"]: {**status, "pipeline_id": pipeline["id"], "pipeline_name": pipeline.get("name")}
                for pipeline in self["pipelines"]
                for status in pipeline.get("statuses") or ()
            }
            self._statuses = (revision, found)
        return self._statuses[1]

    _statuses: tuple[int, dict[str, Row]] | None = None

    def put(self, resource: str, row: Row) -> Row:
        """Store a row and journal it."""
        stored = self[resource].put(row)
        self.written[stored["id"]] = times.monotonic()
        self._write({"resource": resource, "row": stored})
        return stored

    def remove(self, resource: str, row_id: str) -> None:
        """Delete a row and journal that."""
        self[resource].remove(row_id)
        self._write({"resource": resource, "deleted": row_id})

    def _load(self, folder: Path) -> None:
        leads, contacts = _split_leads(read_lines(folder / "leads.jsonl"))
        self["leads"].load(leads)
        self["contacts"].load([*contacts, *read_lines(folder / "contacts.jsonl")])
        for name in RESOURCES:
            if name not in {"leads", "contacts", "organization", "events"}:
                rows = read_lines(folder / f"{name}.jsonl")
                self[name].load(_in_cents(rows) if name == "opportunities" else rows)
        self["events"].load(_oldest_first(list(read_lines(folder / "events.jsonl"))))
        self["organization"].load(read_lines(folder / "organization.jsonl"))
        if not len(self["organization"]):
            self["organization"].load([self._guess_organization()])

    def _guess_organization(self) -> Row:
        for name in ("leads", "users", "pipelines", "lead_statuses", "opportunities"):
            for row in self[name]:
                found = row.get("organization_id") or next(iter(row.get("organizations") or ()), None)
                if found:
                    return {"id": found, "name": "Sandbox"}
                break
        return {"id": DEFAULT_ORGANIZATION, "name": "Sandbox"}

    def _replay(self, journal: Path) -> None:
        """Apply the journal; a last line that a kill cut short is taken off."""
        if not journal.exists():
            return
        whole = journal.read_bytes()
        complete = whole[: whole.rfind(b"\n") + 1]
        if len(complete) < len(whole):
            journal.write_bytes(complete)
        for line in complete.splitlines():
            change = json.loads(line)
            if "deleted" in change:
                self[change["resource"]].remove(change["deleted"])
            else:
                self[change["resource"]].put(change["row"])

    def _write(self, change: dict[str, Any]) -> None:
        if self._journal is None:
            return
        with self._journal.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(change, ensure_ascii=False) + "\n")


def _generate(spec: Generated, collections: dict[str, Collection]) -> None:
    """Fill the collections; numpy is loaded for generated accounts only."""
    from sandbox.close_api.generated.account import fill

    fill(spec, collections)


def _split_leads(rows: Iterator[Row]) -> tuple[list[Row], list[Row]]:
    """Return leads without what is nested in them, and the contacts that were."""
    leads: list[Row] = []
    contacts: list[Row] = []
    for row in rows:
        leads.append({key: value for key, value in row.items() if key not in NESTED_IN_LEAD})
        contacts.extend(
            {**contact, "lead_id": row["id"]}
            for contact in row.get("contacts") or ()
            if isinstance(contact, dict) and contact.get("id")
        )
    return leads, contacts


def _in_cents(rows: Iterator[Row]) -> Iterator[Row]:
    """Yield opportunities with their value in whole cents, as the API has it.

    Raises:
        ValueError: a value is none; names the opportunity.
    """
    for row in rows:
        value = row.get("value")
        if isinstance(value, bool | str) or (isinstance(value, float) and not value.is_integer()):
            raise ValueError(
                f"opportunities.jsonl: the value of {row['id']} is {value!r}; a whole number of cents is due"
            )
        yield {**row, "value": int(value)} if isinstance(value, float) else row


def _oldest_first(events: list[Row]) -> list[Row]:
    """Return events in the order they happened, whichever way the file has them."""
    if len(events) > 1 and str(events[0].get("date_updated")) > str(events[-1].get("date_updated")):
        events = events[::-1]
    return events
