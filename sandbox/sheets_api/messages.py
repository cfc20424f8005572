"""JSON bodies read as Google reads them: checked against the schema, brought to proto3's canonical form.

Canonical means: no nulls, no zeros where proto3 omits them, colours as 32-bit floats and mirrored into their
`...Style`, whole floats as integers. Everything the sandbox stores and sends back has this form.
"""

from __future__ import annotations

import math
import re
import struct
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.errors import ApiError, bad_request
from sandbox.sheets_api.schema import Field, colour_twins, fields

if TYPE_CHECKING:
    from collections.abc import Iterator

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1
TYPE_NAMES = {
    "boolean": "TYPE_BOOL",
    "integer": "TYPE_INT32",
    "double": "TYPE_DOUBLE",
    "float": "TYPE_FLOAT",
    "string": "TYPE_STRING",
    "mask": "type.googleapis.com/google.protobuf.FieldMask",
}
ONEOFS: dict[str, str] = {"Request": "kind", "DataFilter": "filter"}
_DROP = object()


def parse(body: Any, message: str) -> dict[str, Any]:
    """A JSON body as the canonical form of a message.

    Args:
        body: decoded JSON.
        message: the schema's name, such as "BatchUpdateSpreadsheetRequest".

    Raises:
        ApiError: 400 with Google's texts, every violation on a line of its own.
    """
    reader = _Reader()
    parsed = reader.message(body, message, "")
    if reader.violations:
        text = "\n".join(description for _, description in reader.violations)
        raise ApiError(400, text, [bad_request(reader.violations)])
    return parsed


def theme_colours(style: dict[str, Any]) -> dict[str, Any] | None:
    """The plain colour of a ColorStyle, or None for an empty one; theme colours are the default theme's."""
    if "rgbColor" in style:
        rgb: dict[str, Any] = style["rgbColor"]
        return rgb
    return THEME.get(style.get("themeColor", ""))


def float32(value: float) -> float | int:
    """The shortest decimal that is the same 32-bit float, as Google prints it (0.25882354)."""
    packed = struct.pack("f", value)
    stored = float(struct.unpack("f", packed)[0])
    for digits in range(1, 10):
        short = float(f"{stored:.{digits}g}")
        if struct.pack("f", short) == packed:
            return int(short) if short.is_integer() else short
    return stored


def eight_bits(colour: dict[str, Any]) -> dict[str, Any]:
    """A colour in the 256 levels a channel has: 0.5 comes back as 0.49803922.

    Source: recorded traffic of a tab colour.
    """
    levels = {name: math.floor(value * 255 + 1e-3) for name, value in colour.items() if name != "alpha"}
    return {name: float32(level / 255) for name, level in levels.items() if level}


def _rgb(red: int, green: int, blue: int) -> dict[str, Any]:
    channels = {"red": red, "green": green, "blue": blue}
    return {name: float32(value / 255) for name, value in channels.items() if value}


# Source: the theme of a new spreadsheet in recorded traffic.
THEME: dict[str, dict[str, Any]] = {
    "TEXT": _rgb(0, 0, 0),
    "BACKGROUND": _rgb(255, 255, 255),
    "ACCENT1": _rgb(66, 133, 244),
    "ACCENT2": _rgb(234, 67, 53),
    "ACCENT3": _rgb(251, 188, 4),
    "ACCENT4": _rgb(52, 168, 83),
    "ACCENT5": _rgb(255, 109, 1),
    "ACCENT6": _rgb(70, 189, 198),
    "LINK": _rgb(17, 85, 204),
}


def table_colours(table: dict[str, Any]) -> dict[str, Any]:
    """The BandingProperties of a table's rows: those that it sets, the default theme's for the others."""
    colours = {
        "headerColor": THEME["ACCENT4"],
        "firstBandColor": THEME["BACKGROUND"],
        "secondBandColor": _rgb(243, 243, 243),
    }
    said = {
        name.removesuffix("Style"): theme_colours(style) or {}
        for name, style in table.get("rowsProperties", {}).items()
    }
    return colours | said


class _Reader:
    """Collects violations while it walks a body."""

    def __init__(self) -> None:
        self.violations: list[tuple[str, str]] = []

    def message(self, node: Any, name: str, path: str) -> dict[str, Any]:
        if not isinstance(node, dict):
            self._invalid(path, f"type.googleapis.com/google.apps.sheets.v4.{name}", node)
            return {}
        known = fields(name)
        read: dict[str, Any] = {}
        for key, value in node.items():
            field = known.get(key)
            if field is None:
                self._unknown(path, key)
            elif value is not None:
                here = f"{path}.{_snake(key)}" if path else _snake(key)
                result = self._value(value, field, here)
                if result is not _DROP:
                    read[key] = result
        if name in ONEOFS and len(read) > 1:
            second = list(read)[1]
            text = (
                f"Invalid value at '{path}' (oneof), oneof field '{ONEOFS[name]}' is already set. Cannot set '{second}'"
            )
            self.violations.append((path, text))
        for colour, style in colour_twins(name).items():
            _mirror(read, colour, style)
        return eight_bits(read) if name == "Color" else read

    def _value(self, value: Any, field: Field, path: str) -> Any:
        kind = field.kind
        if kind == "message":
            return self.message(value, field.message, path)
        if kind == "any":
            return value
        if kind == "array":
            return self._array(value, field, path)
        if kind == "map":
            return self._map(value, field, path)
        result = self._scalar(value, field, path)
        if result is _DROP or field.presence:
            return result
        return _DROP if result in {0, ""} or (kind == "enum" and result == field.enum[0]) else result

    def _array(self, value: Any, field: Field, path: str) -> Any:
        assert field.items is not None
        if not isinstance(value, list):
            # One element stands for a list of it. Source: gspread-formatting, which sends `{"requests": {...}}`, and
            # recorded traffic, in which Google refuses a text in place of a list as an element.
            value = [value]
        if field.items.kind == "message":
            value = list(_flat(value))
        items = [self._item(item, field.items, f"{path}[{i}]") for i, item in enumerate(value)]
        return items or _DROP

    def _map(self, value: Any, field: Field, path: str) -> Any:
        assert field.items is not None
        if not isinstance(value, dict):
            self._invalid(path, "Map", value)
            return _DROP
        return {key: self._item(item, field.items, f"{path}[{key}]") for key, item in value.items()} or _DROP

    def _item(self, value: Any, field: Field, path: str) -> Any:
        """An element of a list: a zero there stays, an empty message too."""
        if value is None:
            return {} if field.kind == "message" else None
        if field.kind in {"message", "array", "map", "any"}:
            result = self._value(value, field, path)
        else:
            result = self._scalar(value, field, path)
        return None if result is _DROP else result

    def _scalar(self, value: Any, field: Field, path: str) -> Any:
        kind = field.kind
        if kind == "enum":
            if isinstance(value, str) and value in field.enum:
                return value
            type_name = path.rpartition(".")[2].replace("_", " ").title().replace(" ", "")
            return self._invalid(path, f"type.googleapis.com/google.apps.sheets.v4.{type_name}", value)
        result = _read_scalar(value, kind)
        return self._invalid(path, TYPE_NAMES[kind], value) if result is _DROP else result

    def _unknown(self, path: str, key: str) -> None:
        where = f" at '{path}'" if path else ""
        text = f'Invalid JSON payload received. Unknown name "{key}"{where}: Cannot find field.'
        self.violations.append((path, text))

    def _invalid(self, path: str, type_name: str, value: Any) -> Any:
        shown = f'"{value}"' if isinstance(value, str) else value
        self.violations.append((path, f"Invalid value at '{path}' ({type_name}), {shown}"))
        return _DROP


def _flat(items: list[Any]) -> Iterator[Any]:
    """The messages of a list, those of lists within it, too: Google's parser reads them as one list.

    Source: pygsheets, which sends `{"requests": [[...], ...]}`
    """
    for item in items:
        if isinstance(item, list):
            yield from _flat(item)
        else:
            yield item


def _read_scalar(value: Any, kind: str) -> Any:
    """A scalar in canonical form, or _DROP where proto JSON refuses it (a number for a string is accepted)."""
    if kind in {"string", "mask"}:
        if isinstance(value, str):
            return value
        return str(value).lower() if isinstance(value, bool) else str(value) if _is_number(value) else _DROP
    if kind == "boolean":
        return value if isinstance(value, bool) else _DROP
    if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", value):
        value = float(value)
    if not _is_number(value) or not math.isfinite(value):
        return _DROP
    if kind == "integer":
        whole = int(value)
        return whole if whole == value and INT32_MIN <= whole <= INT32_MAX else _DROP
    if kind == "float":
        return float32(value)
    return int(value) if float(value).is_integer() and abs(value) < 1e15 else value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _mirror(read: dict[str, Any], colour: str, style: str) -> None:
    """Keeps a deprecated colour and its style the same; the style wins. Source: discovery document, `*ColorStyle`."""
    if style in read:
        plain = theme_colours(read[style])
        if plain is None:
            read.pop(style)
            read.pop(colour, None)
        else:
            read[colour] = plain
    elif colour in read:
        read[style] = {"rgbColor": read[colour]}


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda match: "_" + match[0].lower(), name)
