"""A sheet as comma- or tab-separated values: what its cells show."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.sheets_api.effective import SheetView


def separated(view: SheetView, delimiter: str) -> str:
    """The shown texts of a sheet, up to its last row and column with one; no line end after the last row.

    Source: files that docs.google.com exports

    Args:
        view: the sheet.
        delimiter: what parts the columns.
    """
    shown = {at: text for at in view.filled if (text := view.shown(*at).text)}
    width = max((column for _, column in shown), default=-1) + 1
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
    for row in range(max((row for row, _ in shown), default=-1) + 1):
        writer.writerow([shown.get((row, column), "") for column in range(width)])
    return file.getvalue().removesuffix("\r\n")
