"""Spreadsheets on disk: one JSON file each, replaced atomically at every commit."""

from __future__ import annotations

import os
import secrets
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import msgspec

from sandbox.sheets_api.errors import ApiError
from sandbox.sheets_api.model import COPIED_METADATA, Book
from sandbox.sheets_api.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Reply = TypeVar("Reply")


class Store:
    """The spreadsheets of a folder.

    Args:
        folder: where the files are; made if missing.
        copied_metadata: what copies have of developer metadata, one of `COPIED_METADATA`; can be changed any time.
    """

    def __init__(self, folder: Path, copied_metadata: str = COPIED_METADATA[0]) -> None:
        self.copied_metadata = copied_metadata
        self._folder = folder
        self._lock = threading.RLock()
        self._views: dict[str, Views] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self._books = {
            book.id: book
            for path in sorted(folder.glob("*.json"))
            for book in [Book.from_json(msgspec.json.decode(path.read_bytes()))]
        }

    def books(self) -> list[Book]:
        """All spreadsheets, the oldest first."""
        with self._lock:
            return sorted(self._books.values(), key=lambda book: (book.created_at, book.id))

    def get(self, book_id: str) -> Book:
        """A spreadsheet; what is returned is never changed afterwards, commits replace it.

        Raises:
            ApiError: 404 where there is none, 403 where it is not shared with the service account.
        """
        with self._lock:
            book = self._books.get(book_id)
        if book is None:
            raise ApiError(404)
        if not book.shared:
            raise ApiError(403)
        return book

    def views(self, book: Book) -> Views:
        """What the cells of a spreadsheet show: computed once for all who read the same state."""
        with self._lock:
            kept = self._views.get(book.id)
            if kept is None or kept.book is not book:
                kept = self._views[book.id] = Views(book)
            return kept

    def create(self, title: str, book_id: str | None = None, *, shared: bool = True) -> Book:
        """Adds a spreadsheet with the one sheet of a new one.

        Args:
            title: its title.
            book_id: the id to give it; drawn where left out.
            shared: whether the service account may open it.

        Raises:
            ValueError: the id is taken or is not one.
        """
        book_id = book_id or f"1{secrets.token_urlsafe(32)[:43].replace('-', 'x')}"
        if not book_id.replace("-", "").replace("_", "").isalnum():
            raise ValueError(f"{book_id!r} is not a spreadsheet id: letters, digits, '-' and '_' only.")
        with self._lock:
            if book_id in self._books:
                raise ValueError(f"There is a spreadsheet {book_id!r} already.")
            book = Book.new(book_id, title)
            book.shared = shared
            self._commit(book)
            return book

    def add(self, book: Book) -> None:
        """Stores a spreadsheet as it is."""
        with self._lock:
            self._commit(book)

    def delete(self, book_id: str) -> None:
        """Removes a spreadsheet.

        Raises:
            ApiError: 404 where there is none.
        """
        with self._lock:
            self.get(book_id)
            del self._books[book_id]
            self._views.pop(book_id, None)
            self._path(book_id).unlink(missing_ok=True)

    def change(self, book_id: str, edit: Callable[[Book], Reply]) -> Reply:
        """Applies an edit to a copy and commits it if it did not fail: all of it or nothing.

        Args:
            book_id: the spreadsheet.
            edit: changes the book it is given; its result is returned.
        """
        with self._lock:
            draft = self.get(book_id).copy()
            draft.copied_metadata = self.copied_metadata
            reply = edit(draft)
            self._commit(draft)
            return reply

    def _commit(self, book: Book) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        book.created_at = book.created_at or now
        book.modified_at = now
        book.revision += 1
        path = self._path(book.id)
        draft = path.with_suffix(".tmp")
        draft.write_bytes(msgspec.json.encode(book.to_json()))
        os.replace(draft, path)  # noqa: PTH105  # the atomic rename is the point
        self._books[book.id] = book

    def _path(self, book_id: str) -> Path:
        return self._folder / f"{book_id}.json"
