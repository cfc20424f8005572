"""The young company's tables and a spreadsheet, as the workbook's tests have them."""

from __future__ import annotations

from tests.workbook.conftest import book, young_company

__all__ = ["book", "young_company"]
