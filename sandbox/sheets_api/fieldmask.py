"""Google's field masks: `a.b,c(d,e/f),*`.

An update mask names what a request may change: a named field that the request leaves out is cleared. A `fields`
parameter of a read names what comes back.

Source: https://developers.google.com/workspace/sheets/api/guides/field-masks
"""

from __future__ import annotations

import re
from typing import Any

from sandbox.sheets_api.errors import ApiError, RequestError, bad_request
from sandbox.sheets_api.schema import Field, colour_twins, fields

Path = tuple[str, ...]
Tree = dict[str, Any]
_TOKEN = re.compile(r"[A-Za-z0-9_*]+|[.,/()]")


def parse(mask: str) -> list[Path]:
    """The paths of a mask, each a tuple of segments.

    Raises:
        ValueError: the mask is not well formed.
    """
    tokens = _TOKEN.findall(mask)
    if "".join(tokens) != re.sub(r"\s+", "", mask):
        raise ValueError(mask)
    paths, end = _group(tokens, 0, ())
    if end != len(tokens):
        raise ValueError(mask)
    return paths


def _group(tokens: list[str], at: int, prefix: Path) -> tuple[list[Path], int]:
    """Comma-separated paths up to a closing parenthesis or the end."""
    paths: list[Path] = []
    while True:
        path, found, at = _path(tokens, at, prefix)
        paths += found or [path]
        if at == len(tokens) or tokens[at] == ")":
            return paths, at
        if tokens[at] != ",":
            raise ValueError(tokens[at])
        at += 1


def _path(tokens: list[str], at: int, prefix: Path) -> tuple[Path, list[Path], int]:
    """One path, or the paths of its parenthesis."""
    path = prefix
    while True:
        if at == len(tokens) or tokens[at] in ".,/()":
            raise ValueError("a name is missing")
        path += (tokens[at],)
        at += 1
        if at < len(tokens) and tokens[at] in "./":
            at += 1
        elif at < len(tokens) and tokens[at] == "(":
            found, at = _group(tokens, at + 1, path)
            if at == len(tokens):
                raise ValueError("a parenthesis is not closed")
            return path, found, at + 1
        else:
            return path, [], at


def unknown_paths(paths: list[Path], message: str) -> list[str]:
    """The paths that name no field of the message."""
    return [".".join(path) for path in paths if not _resolves(path, Field("message", message=message))]


def _resolves(path: Path, field: Field) -> bool:
    while field.kind in {"array", "map"} and field.items is not None:
        field = field.items
    if not path or path == ("*",):
        return True
    if field.kind != "message":
        return False
    name, rest = path[0], path[1:]
    known = fields(field.message)
    return name in known and _resolves(rest, known[name])


def update_paths(mask: str, message: str) -> list[Path]:
    """The paths of an update mask, checked, `*` spelled out, each colour with its style.

    Raises:
        RequestError: the mask is empty or names a field that the message does not have.
    """
    if not mask:
        raise RequestError("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    try:
        paths = parse(mask)
    except ValueError:
        raise RequestError(f"Invalid field mask: {mask}") from None
    for unknown in unknown_paths(paths, message):
        raise RequestError(f"Invalid field: {unknown}")
    spelled: list[Path] = []
    for path in dict.fromkeys(_up_to_list(path, message) for path in paths):
        if path[-1] == "*":
            owner = _message_at(path[:-1], message)
            spelled += [(*path[:-1], name) for name in fields(owner)] if owner else [path[:-1]]
        else:
            spelled.append(path)
    return [twin for path in spelled for twin in _with_twin(path, message)]


def _up_to_list(path: Path, message: str) -> Path:
    """The path up to the first list on it, which an update replaces whole.

    Source: gspread-formatting, which names `textFormatRuns.startIndex`
    """
    field = Field("message", message=message)
    for depth, name in enumerate(path):
        if field.kind == "array":
            return path[:depth]
        if name == "*":
            break
        field = fields(field.message)[name]
    return path


def _message_at(path: Path, message: str) -> str:
    field = Field("message", message=message)
    for name in path:
        while field.items is not None:
            field = field.items
        field = fields(field.message)[name]
    return field.message


def _with_twin(path: Path, message: str) -> list[Path]:
    """The path and its colour twin: clearing or setting one of the two acts on both."""
    for depth in range(len(path)):
        owner = _message_at(path[:depth], message)
        if not owner:
            break
        for colour, style in colour_twins(owner).items():
            if path[depth] in {colour, style}:
                return [(*path[:depth], colour), (*path[:depth], style)]
    return [path]


def merge(target: dict[str, Any], source: dict[str, Any], paths: list[Path]) -> dict[str, Any]:
    """A copy of the target in which each path has the source's value, or none where the source has none."""
    merged = target
    for path in paths:
        merged = _assign(merged, path, _lookup(source, path))
    return merged


def _lookup(source: Any, path: Path) -> Any:
    for name in path:
        source = source.get(name) if isinstance(source, dict) else None
    return source


def _assign(target: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    copy = dict(target)
    name, rest = path[0], path[1:]
    if rest:
        child = _assign(copy.get(name, {}), rest, value)
        if child or name in copy:
            copy[name] = child
        if not child:
            copy.pop(name, None)
    elif value is None:
        copy.pop(name, None)
    else:
        copy[name] = value
    return copy


def read_tree(mask: str, message: str) -> Tree:
    """A read mask as a tree; an empty branch means everything below.

    Raises:
        ApiError: 400, naming the paths that do not exist.
    """
    try:
        paths = parse(mask)
    except ValueError:
        paths, unknown = [], [mask]
    else:
        unknown = unknown_paths(paths, message)
    if unknown:
        text = "Error expanding 'fields' parameter. Cannot find matching fields for path '{}'."
        violations = [(path, text.format(path)) for path in unknown]
        raise ApiError(400, "Request contains an invalid argument.", [bad_request(violations)])
    return tree_of(paths)


def tree_of(paths: list[Path]) -> Tree:
    """The paths of a mask as a tree; an empty branch means everything below."""
    tree: Tree = {}
    for path in paths:
        _grow(tree, path)
    return tree


def _grow(tree: Tree, path: Path) -> None:
    if path[0] == "*":
        tree["*"] = {}
        return
    known = path[0] in tree
    branch = tree.setdefault(path[0], {})
    if len(path) == 1:
        branch.clear()
    elif not known or branch:
        _grow(branch, path[1:])


def select(value: Any, tree: Tree) -> Any:
    """The part of a response that a read tree names; lists are gone through."""
    if not tree or "*" in tree:
        return value
    if isinstance(value, list):
        return [select(item, tree) for item in value]
    if isinstance(value, dict):
        return {name: select(item, tree[name]) for name, item in value.items() if name in tree}
    return value


def wants(tree: Tree | None, *path: str) -> bool:
    """Whether a read tree (None = everything) reaches a path or something below it."""
    if tree is None:
        return True
    for name in path:
        if not tree or "*" in tree:
            return True
        if name not in tree:
            return False
        tree = tree[name]
    return True
