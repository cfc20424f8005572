"""The search terms of files.list: comparisons joined by `and`.

Source: https://developers.google.com/workspace/drive/api/guides/search-files
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.sheets_api.drive.errors import DriveError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.sheets_api.model import Book

MIME_TYPE = "application/vnd.google-apps.spreadsheet"
_TEXT = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_TERM = re.compile(
    rf"\s*(?:(?P<field>\w+)\s*(?P<operator>!=|=|contains)\s*(?P<value>{_TEXT}|true|false)|(?P<parent>{_TEXT})\s+in\s+parents)"
    r"\s*(?P<more>and\b|$)"
)


def condition(text: str) -> Callable[[Book], bool]:
    """Whether a spreadsheet is meant by the terms; empty terms mean all.

    Args:
        text: the parameter `q`.

    Raises:
        DriveError: 400 where a term is none that the sandbox reads.
    """
    tests: list[Callable[[Book], bool]] = []
    at, goes_on = 0, bool(text.strip())
    while goes_on:
        term = _TERM.match(text, at)
        if term is None:
            raise DriveError(400, f"Invalid Value: the sandbox does not read {text[at:].strip()!r}.", "invalid")
        tests.append(_test(term))
        at, goes_on = term.end(), bool(term["more"])
    return lambda book: all(test(book) for test in tests)


def _test(term: re.Match[str]) -> Callable[[Book], bool]:
    if term["parent"]:
        # All files lie in the root; no folder has another.
        is_root = _unquoted(term["parent"]) == "root"
        return lambda _: is_root
    field, operator, value = term["field"], term["operator"], _unquoted(term["value"])
    if field == "name" and operator == "contains":
        # Words are matched from their beginning.
        begins = re.compile(rf"(?<!\w){re.escape(value)}", re.IGNORECASE)
        return lambda book: begins.search(book.title) is not None
    if field == "name" and operator == "=":
        return lambda book: book.title == value
    if field == "mimeType" and operator in {"=", "!="}:
        holds = (value == MIME_TYPE) == (operator == "=")
        return lambda _: holds
    if field == "trashed" and operator in {"=", "!="}:
        holds = (value == "false") == (operator == "=")
        return lambda _: holds
    raise DriveError(400, f"Invalid Value: the sandbox does not read {term[0].strip()!r}.", "invalid")


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text[0] in "'\"" else text
