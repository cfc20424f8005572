"""Saying what is wrong with a settings file: the key, the value, and what is possible."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails


class SettingsError(ValueError):
    """The settings are not possible, or do not fit the account."""


def explain(file: str, model: type[BaseModel], error: ValidationError) -> str:
    """Return a line per problem of a settings file.

    Args:
        file: the file's name.
        model: the model that the file was read into.
        error: what pydantic found.
    """
    return "\n".join(f"{file}: {_problem(model, detail)}" for detail in error.errors())


def choices(names: Iterable[str]) -> str:
    """Return names for a message, in alphabetical order and in quotes."""
    return ", ".join(repr(name) for name in sorted(set(names))) or "none at all"


def _problem(model: type[BaseModel], detail: ErrorDetails) -> str:
    key = ".".join(str(step) for step in detail["loc"]) or "the settings"
    value = detail["input"]
    match detail["type"]:
        case "extra_forbidden":
            return f"{key}: unknown key; {_known_keys(_section(model, detail['loc'][:-1]), str(detail['loc'][-1]))}"
        case "literal_error":
            return f"{key}: {value!r} is not possible; choose {detail['ctx']['expected']}"
        case "value_error" if isinstance(value, dict):
            return f"{key}: {_reason(detail)}"
        case "value_error":
            return f"{key}: {value!r} is {_reason(detail)}"
        case "string_pattern_mismatch" if key == "currency":
            return f"{key}: {value!r} is not a currency: use an ISO 4217 code such as USD or EUR"
        case _:
            return f"{key}: {value!r} is not possible: {detail['msg'][0].lower()}{detail['msg'][1:]}"


def _reason(detail: ErrorDetails) -> str:
    return detail["msg"].removeprefix("Value error, ")


def _section(model: type[BaseModel], steps: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the model of a section."""
    for step in steps:
        annotation: Any = model.model_fields[str(step)].annotation
        model = annotation
    return model


def _known_keys(model: type[BaseModel], key: str) -> str:
    known = list(model.model_fields)
    near = get_close_matches(key, known, n=3, cutoff=0.5)
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{meant}The keys here are: {', '.join(known)}"
