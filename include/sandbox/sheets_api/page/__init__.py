"""The workbook as a page."""
from __future__ import annotations
import html
from collections.abc import Iterable
from include.sandbox.sheets_api.model import Book

def spreadsheet_page(book: Book) -> str:
    """A page."""
    return f"<title>{html.escape(book.title)}</title>"

def start_page(books: Iterable[Book]) -> str:
    """A page."""
    return "".join(f'<a href="/spreadsheets/d/{b.id}/edit">{html.escape(b.title)}</a>' for b in books)
