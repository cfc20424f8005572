"""A workbook as one self-contained HTML page."""

from sandbox.sheets_api.page.document import spreadsheet_page, start_page
from sandbox.sheets_api.page.lists import choosing

__all__ = ["choosing", "spreadsheet_page", "start_page"]
