"""Columns: a field of all rows of a kind, kept small, made into values for a few positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.close_api.generated.packed import PackedIds

Array = npt.NDArray[Any]
MISSING: Any = object()
"""The value of a field that a row does not have."""

NONE = -1
_NO_FRACTION = ".000000"


class Column(Protocol):
    """A field."""

    def values(self, at: Array) -> list[Any]:
        """Return the field's values at some positions."""


class Constant:
    """The same value in every row."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def values(self, at: Array) -> list[Any]:
        """Return the value, once for each position."""
        return [self._value] * len(at)


class Coded:
    """One of a few values.

    Args:
        codes: places in ``choices``.
        choices: the values; ``MISSING`` for rows that lack the field.
    """

    def __init__(self, codes: Array, choices: Sequence[Any]) -> None:
        self._codes = codes
        self._choices = choices

    def values(self, at: Array) -> list[Any]:
        """Return the chosen values."""
        choices = self._choices
        return [choices[code] for code in self._codes[at].tolist()]


class Live:
    """One of a few values that are looked up at the time of reading.

    Args:
        codes: places in what ``choices`` returns.
        choices: returns the values of now.
    """

    def __init__(self, codes: Array, choices: Callable[[], Sequence[Any]]) -> None:
        self._codes = codes
        self._choices = choices

    def values(self, at: Array) -> list[Any]:
        """Return the values of now."""
        choices = self._choices()
        return [choices[code] for code in self._codes[at].tolist()]


class Whole:
    """Whole numbers; ``empty`` stands for None."""

    def __init__(self, numbers: Array, empty: int | None = None) -> None:
        self._numbers = numbers
        self._empty = empty

    def values(self, at: Array) -> list[Any]:
        """Return the numbers."""
        found: list[Any] = self._numbers[at].tolist()
        if self._empty is None:
            return found
        return [None if number == self._empty else number for number in found]


class Stamps:
    """Instants (microseconds since 1970) in Close's usual form; a negative one is None."""

    def __init__(self, micros: Array) -> None:
        self._micros = micros

    def values(self, at: Array) -> list[Any]:
        """Return the stamps."""
        micros = self._micros[at]
        texts = np.datetime_as_string(micros.astype("M8[us]"), unit="us").tolist()
        stamps = [f"{text.removesuffix(_NO_FRACTION)}+00:00" for text in texts]
        if len(micros) and micros.min() < 0:
            return [None if past else stamp for past, stamp in zip((micros < 0).tolist(), stamps, strict=True)]
        return stamps


class Days:
    """Dates (days since 1970); a negative one is None."""

    def __init__(self, days: Array) -> None:
        self._days = days

    def values(self, at: Array) -> list[Any]:
        """Return the dates."""
        days = self._days[at]
        texts = np.datetime_as_string(days.astype("M8[D]"), unit="D").tolist()
        return [None if day < 0 else text for day, text in zip(days.tolist(), texts, strict=True)]


class Reference:
    """Ids of rows of another resource."""

    def __init__(self, positions: Array, ids: PackedIds) -> None:
        self._positions = positions
        self._ids = ids

    def values(self, at: Array) -> list[Any]:
        """Return the ids."""
        return self._ids.of(self._positions[at].tolist())


class Own:
    """The rows' own ids."""

    def __init__(self, ids: PackedIds) -> None:
        self._ids = ids

    def values(self, at: Array) -> list[Any]:
        """Return the ids."""
        return self._ids.of(at.tolist())


class Numbered:
    """A text made from the row's own position."""

    def __init__(self, text: Callable[[int], Any]) -> None:
        self._text = text

    def values(self, at: Array) -> list[Any]:
        """Return the texts."""
        return [self._text(place) for place in at.tolist()]
