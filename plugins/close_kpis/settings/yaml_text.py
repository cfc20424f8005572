"""``kpis.yaml`` as plain values, with the line that each stands in.

YAML can do more than settings need: anchors that multiply, nesting without end, types of its own. A file that uses any
of it is refused before it is built, in a time that does not depend on what it would unfold to, and without quoting it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from close_kpis.reporting import PipelineError
from close_kpis.settings.errors import SettingsError, key_of, shortened, told
from close_kpis.settings.words import expected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from yaml.nodes import MappingNode, Node, ScalarNode

LARGEST = 100_000
"""Bytes of a settings file; the project's own has five thousand."""
DEEPEST = 6
"""Levels of sections and lists within one another; settings need three."""
LONGEST_NUMBER = 20

Step = int | str
Path_ = tuple[Step, ...]


class WrittenFloat(float):
    """A fraction that knows how it was written: as a name, 1.50 is not 1.5."""

    written: str = ""


@dataclass(frozen=True, eq=False)
class Lines:
    """Where each key and list item of a file stands. Settings that say the same are equal wherever it stands.

    Attributes:
        file: the file's name; empty where the settings come from none.
        numbers: the line, from 1, by path.
        guessed: the text of values without quotes that YAML takes for something else than text, by path.
    """

    file: str = ""
    numbers: Mapping[Path_, int] = field(default_factory=dict)
    guessed: Mapping[Path_, str] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        """Say yes: see above."""
        return True

    __hash__ = None  # type: ignore[assignment]

    def place(self, path: Path_) -> str:
        """Return the beginning of a message about a path: the file and the line, as far as they are known."""
        while path and path not in self.numbers:
            path = path[:-1]
        line = f", line {self.numbers[path]}" if path in self.numbers else ""
        return f"{self.file}{line}: " if self.file else ""


def read(path: Path) -> tuple[dict[str, Any], Lines]:
    """Read a settings file.

    Args:
        path: a YAML file.

    Returns:
        Its content (dates are text), and where what stands.

    Raises:
        SettingsError: it cannot be read, is no YAML or more than settings need, or gives a key twice.
    """
    try:
        with path.open("rb") as file:
            given = file.read(LARGEST + 1)
    except OSError as error:
        raise SettingsError(f"cannot read the settings file {path}: {error.strerror}") from None
    if len(given) > LARGEST:
        raise SettingsError(f"{path.name}: larger than {LARGEST:,} bytes: that is no settings file")
    try:
        text = given.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = given[: error.start].count(b"\n") + 1
        raise SettingsError(
            f"{path.name}, line {line}: a character that is not UTF-8: save the file as UTF-8"
        ) from None
    node, loader = _composed(path.name, text)
    if node is None:
        return {}, Lines(path.name)
    if not isinstance(node, yaml.MappingNode):
        if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null"):
            return {}, Lines(path.name)
        kind = "a list" if isinstance(node, yaml.SequenceNode) else "plain text"
        raise SettingsError(f"{path.name}, line {_line(node)}: lines of `key: value` are expected, not {kind}")
    built = _Built(path.name, loader)
    content = built.mapping(node, ())
    if built.problems:
        raise SettingsError(told(built.problems))
    return content, Lines(path.name, built.numbers, built.guessed)


class _RefusedError(PipelineError):
    """A construct that settings do not need; its line and what it is."""


class _Loader(yaml.SafeLoader):
    """Composes the nodes of settings. Days stay text: PyYAML stops at one that does not exist, without its key."""

    yaml_implicit_resolvers = {  # noqa: RUF012 (PyYAML's own)
        first: [item for item in items if not item[0].endswith((":timestamp", ":merge", ":value"))]
        for first, items in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        """Compose a node and those inside; refuse what settings do not need."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _RefusedError(
                line,
                "a word that begins with & or * stands for another place of the file, which settings do not need: "
                "write the value itself, and put quotes around a name that begins so",
            )
        if getattr(event, "tag", None) not in {None, "!"}:
            raise _RefusedError(
                line, "a value that begins with ! names a type, which settings do not need: put quotes around it"
            )
        if self._depth == DEEPEST:
            raise _RefusedError(line, f"more than {DEEPEST} levels of sections and lists within one another")
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


def _composed(file: str, text: str) -> tuple[Node | None, _Loader]:
    try:
        loader = _Loader(text)
        return loader.get_single_node(), loader
    except _RefusedError as error:
        line, reason = error.args
        raise SettingsError(f"{file}, line {line}: {reason}") from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise SettingsError(
            f"{file}, line {line}: a sign that YAML does not allow (U+{ord(text[error.position]):04X}): remove it"
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = error.problem or "no reason given"
        hint = next(
            (hint for sign, hint in _HINTS.items() if sign in problem),
            "look for a missing or extra bracket, quote, colon or space in this line and the one before it",
        )
        raise SettingsError(f"{file}, line {line}: this is not valid YAML ({shortened(problem)}): {hint}") from None


_HINTS = {"'\\t'": "there is a tab: indent with spaces", "another document": "keep what stands above --- or below it"}
"""What to do about an error of PyYAML, by a part of its words."""


class _Built:
    """Builds plain values of nodes and notes where they stand."""

    def __init__(self, file: str, loader: _Loader) -> None:
        self._file = file
        self._loader = loader
        self.numbers: dict[Path_, int] = {}
        self.guessed: dict[Path_, str] = {}
        self.problems: list[str] = []

    def mapping(self, node: MappingNode, path: Path_) -> dict[str, Any]:
        """Return a section; its keys are text as it stands there."""
        return dict(self._items(node, path))

    def _items(self, node: MappingNode, path: Path_) -> Iterator[tuple[str, Any]]:
        first: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = _line(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self._tell(line, (*path, "?"), "a key is one word, not a list or a section")
                continue
            key = key_node.value
            if key in first:
                self._tell(line, (*path, key), f"this key stands in line {first[key]} already: keep one of the two")
                continue
            first[key] = line
            self.numbers[(*path, key)] = line
            yield key, self._value(value_node, (*path, key))

    def _value(self, node: Node, path: Path_) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            values = []
            for at, item in enumerate(node.value):
                self.numbers[(*path, at)] = _line(item)
                values.append(self._value(item, (*path, at)))
            return values
        assert isinstance(node, yaml.ScalarNode)
        return self._scalar(node, path)

    def _scalar(self, node: ScalarNode, path: Path_) -> Any:
        """Return a single value as YAML 1.1 reads it; a number that it reads otherwise than written is a problem."""
        text, kind = node.value, node.tag.rpartition(":")[2]
        if kind == "null":
            return None
        if kind == "bool":
            self.guessed[path] = text
            return self._loader.construct_yaml_bool(node)
        if kind not in {"int", "float"} or len(text) > LONGEST_NUMBER:
            return text
        self.guessed[path] = text
        try:
            value = getattr(self._loader, f"construct_yaml_{kind}")(node)
        except ValueError:
            return text
        if (kind == "int" and str(value) != text) or ":" in text:
            self._tell(
                _line(node),
                path,
                f"YAML reads {text} without quotes as the number {value}: write {value} if that is meant, or "
                f"'{text}' in quotes; expected is {expected(path) or 'another value'}",
            )
        if kind == "float":
            value = WrittenFloat(value)
            value.written = text
            return value if math.isfinite(value) else text
        return value

    def _tell(self, line: int, path: Path_, problem: str) -> None:
        self.problems.append(f"{self._file}, line {line}: {key_of(path)}: {problem}")


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
