"""Values that get into cells: as they are, or as if somebody typed them (locale en_US).

Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/ValueInputOption
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api import dateformat
from sandbox.sheets_api.requests.cells import clean

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Cell, Sheet


def enter(sheet: Sheet, row: int, column: int, value: Any, *, typed: bool) -> None:
    """Writes a value into a cell; formats, notes and the like stay.

    Args:
        sheet: the sheet, which is changed.
        row: index of the row.
        column: index of the column.
        value: a text, a number or a boolean.
        typed: read a text as if somebody typed it, which may set the number format, too.
    """
    before = sheet.cells.get((row, column), {})
    content, number_format = _typed(value) if typed else (_raw(value), None)
    cell: Cell = {**before, "userEnteredValue": content}
    if number_format is not None:
        cell["userEnteredFormat"] = {**before.get("userEnteredFormat", {}), "numberFormat": number_format}
    sheet.write((row, column), clean(cell))


def _raw(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, (int, float)):
        return {"numberValue": value}
    return {"stringValue": value}


def _typed(value: Any) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """A value as if typed into the cell (locale en_US), with the number format that typing it sets."""
    if not isinstance(value, str):
        return _raw(value), None
    text = value.strip()
    if text.startswith("="):
        return {"formulaValue": text}, None
    if text.startswith("'"):
        return {"stringValue": text[1:]}, None
    if text.upper() in {"TRUE", "FALSE"}:
        return {"boolValue": text.upper() == "TRUE"}, None
    if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text):
        return _raw(_number(text)), None
    if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        pattern = "#,##0.00" if "." in text else "#,##0"
        return _raw(_number(text.replace(",", ""))), {"type": "NUMBER", "pattern": pattern}
    if re.fullmatch(r"[-+]?\d+(\.\d+)?%", text):
        return _raw(_number(text[:-1]) / 100), {"type": "PERCENT", "pattern": "0.00%" if "." in text else "0%"}
    if re.fullmatch(r"-?\$\d[\d,]*(\.\d+)?", text):
        return _raw(_number(re.sub(r"[$,]", "", text))), {"type": "CURRENCY", "pattern": '"$"#,##0.00'}
    date = dateformat.parse(text)
    if date is not None:
        return _raw(_number(str(date[0]))), date[1]
    return {"stringValue": value}, None


def _number(text: str) -> float | int:
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < 1e15 else number
