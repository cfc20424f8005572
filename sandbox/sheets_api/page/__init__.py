"""A workbook as one self-contained HTML page."""

from sandbox.sheets_api.page.document import spreadsheet_page, start_page

__all__ = ["spreadsheet_page", "start_page"]
