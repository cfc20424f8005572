"""What pydantic finds wrong with a settings file, in a reader's words: line, key, value, and what is possible."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

from close_kpis.settings.errors import MOST_PROBLEMS, WIDEST, key_of, shortened, told
from close_kpis.settings.words import expected

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

    from close_kpis.settings.yaml_text import Lines


def explain(model: type[BaseModel], error: ValidationError, lines: Lines) -> str:
    """Return a line per problem of a settings file.

    Args:
        model: the model that the file was read into.
        error: what pydantic found.
        lines: where what stands in the file.
    """
    found = error.errors()
    listed: set[type[BaseModel]] = set()
    problems = [
        f"{lines.place(detail['loc'])}{_problem(model, detail, lines, listed)}" for detail in found[:MOST_PROBLEMS]
    ]
    return told([*problems, *("" for _ in found[MOST_PROBLEMS:])])


def _problem(model: type[BaseModel], detail: ErrorDetails, lines: Lines, listed: set[type[BaseModel]]) -> str:
    """Return a problem in words; the keys of a section that is not in ``listed`` yet are told once."""
    loc, kind, value = detail["loc"], detail["type"], detail["input"]
    key = key_of(loc)
    if kind == "extra_forbidden":
        return f"{key}: unknown key{_known_keys(_section(model, loc[:-1]), str(loc[-1]), listed)}"
    if kind == "unquoted":
        return f"{key}: {detail['msg']}"
    if kind == "value_error":
        reason = detail["msg"].removeprefix("Value error, ")
        return f"{key}: {reason}" if isinstance(value, dict) else f"{key}: {_shown(loc, value, lines)} is {reason}"
    what = expected(loc) or shortened(detail["msg"])
    remedy = f"in {what}" if loc and isinstance(loc[-1], int) else f": write {what}"
    return f"{key}: {_shown(loc, value, lines)} does not fit{'' if remedy.startswith(':') else ' '}{remedy}"


def _shown(loc: tuple[int | str, ...], value: Any, lines: Lines) -> str:
    """Return a value as written, and as YAML read it where that is something else."""
    if value is None:
        return "an empty value (null)"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "a section"
    written = lines.guessed.get(loc)
    if isinstance(value, bool):
        read = str(value).lower()
        return read if written in {None, read} else f"{written} (which YAML reads as {read})"
    return repr(shortened(value)) if isinstance(value, str) else written or str(value)


def _section(model: type[BaseModel], steps: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the model of a section; the steps into a section whose keys are names are those names."""
    found: Any = model
    for step in steps:
        by_name = get_args(found)
        found = by_name[1] if by_name else found.model_fields[str(step)].annotation
    section: type[BaseModel] = found
    return section


def _known_keys(model: type[BaseModel], key: str, listed: set[type[BaseModel]]) -> str:
    known = list(model.model_fields)
    if key.strip() in known:
        return f"; did you mean {key.strip()}, without the space around it?"
    near = get_close_matches(key[:WIDEST], known, n=3, cutoff=0.5)
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    if model in listed:
        return meant
    listed.add(model)
    return f"{meant or ';'} The keys here are: {', '.join(known)}"
