"""spreadsheets.values: blocks of plain values in A1 notation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.a1 import Box, parse_range, quoted
from sandbox.sheets_api.errors import ApiError, bad_request
from sandbox.sheets_api.model import COLUMNS, Book
from sandbox.sheets_api.numberformat import is_date
from sandbox.sheets_api.requests.dimensions import insert_dimension
from sandbox.sheets_api.typing_in import enter
from sandbox.sheets_api.views import Views

if TYPE_CHECKING:
    from sandbox.sheets_api.effective import SheetView

Matrix = list[list[Any]]


def read(
    book: Book, text: str, *, major: str = "ROWS", render: str = "FORMATTED_VALUE", dates: str = "SERIAL_NUMBER"
) -> dict[str, Any]:
    """A ValueRange: trailing empty cells and rows are left out; without any value there is no `values`.

    Args:
        book: the spreadsheet.
        text: the range in A1 notation.
        major: "ROWS" or "COLUMNS".
        render: ValueRenderOption.
        dates: DateTimeRenderOption; it matters for unformatted values only.
    """
    block = parse_range(book, text)
    view = Views(book).of(block.sheet)
    lines = [[_rendered(view, row, column, render, dates) for column in block.columns()] for row in block.rows()]
    if major == COLUMNS:
        lines = [list(line) for line in zip(*lines, strict=True)]
    answer: dict[str, Any] = {"range": block.a1(), "majorDimension": major or "ROWS"}
    lines = _trimmed(lines)
    return answer | ({"values": lines} if lines else {})


def update(
    book: Book, text: str, matrix: Any, *, major: str = "ROWS", entered: bool = False, exact: bool = False
) -> dict[str, Any]:
    """Writes a matrix from the top left of a range: null leaves a cell alone, "" empties it.

    Args:
        book: the spreadsheet, which is changed.
        text: the range in A1 notation.
        major: "ROWS" or "COLUMNS", what the inner lists are.
        matrix: rows (or columns) of texts, numbers, booleans, nulls.
        entered: read texts as if typed (USER_ENTERED) instead of as they are (RAW).
        exact: refuse what goes beyond the range, also where that is one cell.

    Returns:
        An UpdateValuesResponse.
    """
    lines = _checked(matrix)
    if major == COLUMNS:
        height = max(map(len, lines), default=0)
        lines = [[line[at] if at < len(line) else None for line in lines] for at in range(height)]
    target = parse_range(book, text)
    rows, columns = len(lines), max(map(len, lines), default=0)
    # A range of one cell is only the corner to start from.
    corner = not exact and target.bottom - target.top == 1 and target.right - target.left == 1
    if not corner:
        _refuse_overflow(target, text, rows, columns)
    bottom, right = target.top + rows, target.left + columns
    if bottom > target.sheet.row_count or right > target.sheet.column_count:
        raise ApiError(
            400,
            f"Range ({quoted(target.sheet.title)}!{text.rpartition('!')[2]}) exceeds grid limits. "
            f"Max rows: {target.sheet.row_count}, max columns: {target.sheet.column_count}",
        )
    for offset, line in enumerate(lines):
        for at, value in enumerate(line):
            if value is not None:
                enter(target.sheet, target.top + offset, target.left + at, value, typed=entered)
    answer: dict[str, Any] = {"spreadsheetId": book.id}
    if not rows or not columns:
        return answer | {"updatedRange": target.a1()}
    written = Box(target.sheet, target.top, bottom, target.left, right)
    touched = [(row, at) for row, line in enumerate(lines) for at, value in enumerate(line) if value is not None]
    counts = {
        "updatedRows": len({row for row, _ in touched}),
        "updatedColumns": len({at for _, at in touched}),
        "updatedCells": len(touched),
    }
    return answer | {"updatedRange": written.a1()} | {name: count for name, count in counts.items() if count}


def append(
    book: Book, text: str, matrix: Any, *, major: str = "ROWS", entered: bool = False, insert: bool = False
) -> dict[str, Any]:
    """Writes below the table found at a range.

    A table is the block of adjoining filled cells around the range's filled part; without one the values go to the
    range itself. The grid grows where it must.

    Source: https://developers.google.com/workspace/sheets/api/guides/values#append_values
    """
    block = parse_range(book, text)
    table = _table(block)
    left = table.left if table else block.left
    top = table.bottom if table else block.top
    lines = _checked(matrix)
    height = max(map(len, lines), default=0) if major == COLUMNS else len(lines)
    width = len(lines) if major == COLUMNS else max(map(len, lines), default=0)
    grid = block.sheet.properties["gridProperties"]
    if insert and table and top < block.sheet.row_count:
        _make_room(book, block.sheet.id, top, height)
    grid["rowCount"] = max(grid["rowCount"], top + height)
    grid["columnCount"] = max(grid["columnCount"], left + width)
    place = Box(block.sheet, top, top + max(height, 1), left, left + max(width, 1))
    answer: dict[str, Any] = {"spreadsheetId": book.id}
    if table:
        answer["tableRange"] = table.a1()
    return answer | {"updates": update(book, place.a1(), matrix, major=major, entered=entered)}


def clear(book: Book, text: str) -> str:
    """Empties the values of a range; formats and notes stay.

    Returns:
        The cleared range, clipped to the grid.
    """
    block = parse_range(book, text)
    for at, cell in list(block.sheet.cells.items()):
        if block.contains(*at) and "userEnteredValue" in cell:
            block.sheet.write(at, {name: item for name, item in cell.items() if name != "userEnteredValue"})
    return block.a1()


def _rendered(view: SheetView, row: int, column: int, render: str, dates: str) -> Any:
    cell = view.sheet.cells.get((row, column), {})
    formula = view.formula(row, column)
    if render == "FORMULA" and formula is not None:
        return formula
    if render == "FORMATTED_VALUE":
        return view.shown(row, column).text
    plain = view.plain(row, column)
    number_format = cell.get("userEnteredFormat", {}).get("numberFormat")
    if plain is None or (dates == "FORMATTED_STRING" and is_date(number_format)):
        return view.shown(row, column).text
    return plain


def _trimmed(lines: Matrix) -> Matrix:
    for line in lines:
        while line and line[-1] == "":
            line.pop()
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _checked(matrix: Any) -> Matrix:
    """The matrix, if it is a list of lists of scalars."""
    if matrix is None:
        return []
    for line in matrix if isinstance(matrix, list) else [matrix]:
        if not isinstance(line, list):
            shown = f'"{line}"' if isinstance(line, str) else line
            text = f"Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), {shown}"
            raise ApiError(400, text, [bad_request([("data.values", text)])])
        for at, value in enumerate(line):
            if isinstance(value, (dict, list)):
                raise ApiError(400, f"Invalid values[0][{at}]: list_value or struct_value cannot be written to a cell.")
    return list(matrix)


def _refuse_overflow(target: Box, text: str, rows: int, columns: int) -> None:
    if rows > target.bottom - target.top and target.bottom < target.sheet.row_count:
        what = f"row [{target.bottom + 1}]"
    elif columns > target.right - target.left and target.right < target.sheet.column_count:
        what = f"column [{Box(target.sheet, 0, 1, target.right, target.right + 1).a1().rpartition('!')[2].rstrip('1')}]"
    else:
        return
    raise ApiError(400, f"Requested writing within range [{target.a1()}], but tried writing to {what}")


def _table(block: Box) -> Box | None:
    """The block of adjoining filled cells around the filled cells of a range."""
    filled = {at for at, cell in block.sheet.cells.items() if "userEnteredValue" in cell}
    inside = [at for at in filled if block.contains(*at)]
    if not inside:
        return None
    # Google takes the last table of the range.
    row, column = max(inside)
    top, bottom, left, right = row, row + 1, column, column + 1
    while True:
        near = [at for at in filled if top - 1 <= at[0] <= bottom and left - 1 <= at[1] <= right]
        grown = (
            min(top, *(r for r, _ in near)) if near else top,
            max(bottom, *(r + 1 for r, _ in near)) if near else bottom,
            min(left, *(c for _, c in near)) if near else left,
            max(right, *(c + 1 for _, c in near)) if near else right,
        )
        if grown == (top, bottom, left, right):
            return Box(block.sheet, top, bottom, left, right)
        top, bottom, left, right = grown


def _make_room(book: Book, sheet_id: int, top: int, height: int) -> None:
    place = {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": top, "endIndex": top + height}
    insert_dimension(book, {"range": place})
