"""What imports what: no circles, one way from the DAGs down, and names that a reader can tell apart."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {"dags": "", "plugins": "plugins", "sandbox": "", "benchmarks": "", "tests": "", "docs": ""}
"""Folders with modules, and the folder on Python's path that their names start from."""

FORBIDDEN = {
    "close_kpis": ("sandbox", "dags", "benchmarks", "tests"),
    "sandbox": ("close_kpis", "dags", "benchmarks", "tests"),
    "dags": ("sandbox", "benchmarks", "tests"),
    "benchmarks": ("dags", "tests"),
    "close_kpis.close": ("close_kpis.lake", "close_kpis.workbook"),
    "close_kpis.lake": ("close_kpis.close", "close_kpis.workbook"),
    "close_kpis.workbook": ("close_kpis.close", "close_kpis.lake"),
}
"""A package, and those that no module of it may import."""

ALLOWED = {"sandbox.demo": ("close_kpis", "close_kpis.standalone")}
"""A package, and what it may import in spite of that: the demo starts the product the way that `make run` does. What
stands in for Close and Google stays free of it, so that they cannot share a mistake."""

ENDINGS = frozenset(
    {"", "s", "es", "e", "d", "ed", "r", "er", "rs", "ers", "or", "ors", "ing", "ings", "ion", "ions", "ation", "al"}
    | {"y", "ies"}
)
SHORTEST_STEM = 4

Graph = dict[str, set[str]]


def modules(root: Path) -> dict[str, Path]:
    """Return the files of all modules of a project by their full names; a package is its ``__init__``."""
    found = {}
    for folder, start in FOLDERS.items():
        for path in sorted((root / folder).rglob("*.py")):
            name = ".".join(path.relative_to(root / start).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


def imports(root: Path) -> Graph:
    """Return what each module imports of the project, for its types alone too, wherever in the file it says so.

    Whoever imports something in a package from outside imports its ``__init__`` too: Python runs that first.
    """
    files = modules(root)
    return {name: _imported(name, path, files) for name, path in files.items()}


def _imported(name: str, path: Path, files: dict[str, Path]) -> set[str]:
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    wanted: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            wanted |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: len(package.split(".")) + 1 - node.level]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            wanted |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    with_packages = {".".join(parts[: size + 1]) for parts in map(_parts, wanted) for size in range(len(parts))}
    return {each for each in with_packages & files.keys() if each != name and not name.startswith(f"{each}.")}


def _parts(name: str) -> list[str]:
    return name.split(".")


def circle(graph: Graph) -> list[str]:
    """Return a circle of imports, its first module last again; none: an empty list."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def is_in(module: str, package: str) -> bool:
    """Say whether a module is a package or lies in it."""
    return module == package or module.startswith(f"{package}.")


def is_allowed(module: str, target: str) -> bool:
    """Say whether a module may import another in spite of `FORBIDDEN`; of the first of `ALLOWED`, its root alone."""
    return any(
        is_in(module, package) and (target == root or is_in(target, part)) for package, (root, part) in ALLOWED.items()
    )


def differ_by_an_ending(one: str, other: str) -> bool:
    """Say whether two names share a stem and differ in nothing but how it ends: ``compute`` and ``computed``."""
    differing = (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    stem = next(differing, min(len(one), len(other)))
    return stem >= SHORTEST_STEM and {one[stem:], other[stem:]} <= ENDINGS


@pytest.fixture(scope="module")
def graph() -> Graph:
    found = imports(ROOT)
    # A folder that has moved would make every test below pass for want of modules.
    assert all(any(is_in(name, package) for name in found) for package in FORBIDDEN)
    return found


def test_no_module_imports_itself_in_a_circle(graph: Graph) -> None:
    assert circle(graph) == []


def test_imports_point_one_way(graph: Graph) -> None:
    wrong = [
        f"{name} imports {target}"
        for package, banned in FORBIDDEN.items()
        for name, targets in graph.items()
        if is_in(name, package)
        for target in targets
        if any(is_in(target, each) for each in banned) and not is_allowed(name, target)
    ]
    assert wrong == []


def test_no_two_modules_of_a_folder_differ_by_an_ending(graph: Graph) -> None:
    folders: dict[str, set[str]] = {}
    for name in graph:
        parts = name.split(".")
        for size in range(1, len(parts)):
            folders.setdefault(".".join(parts[:size]), set()).add(parts[size])
    alike = [
        f"{folder}: {one} and {other}"
        for folder, names in folders.items()
        for one in names
        for other in names
        if one < other and differ_by_an_ending(one, other)
    ]
    assert alike == []


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("compute", "computed", True),
        ("stream", "streams", True),
        ("extract", "extraction", True),
        ("activity", "activities", True),
        ("events", "eventing", True),
        ("search", "search_query", False),
        ("render", "recorder", False),
        ("a1", "api", False),
    ],
)
def test_an_ending_is_told_from_a_word(one: str, other: str, alike: bool) -> None:
    assert differ_by_an_ending(one, other) is alike


@pytest.mark.parametrize(
    "there_and_back",
    [
        ("from sandbox import b", "import sandbox.a"),
        ("def later():\n    from sandbox.b import thing", "from sandbox.a import other"),
        ("from .b import thing", "from . import a"),
        ("if TYPE_CHECKING:\n    from sandbox.b import thing", "from sandbox.a import other"),
    ],
)
def test_a_circle_is_found_however_it_is_written(there_and_back: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "sandbox").mkdir()
    for name, text in zip("ab", there_and_back, strict=True):
        (tmp_path / "sandbox" / f"{name}.py").write_text(text)
    assert set(circle(imports(tmp_path))) == {"sandbox.a", "sandbox.b"}


def test_a_package_counts_for_those_outside_it(tmp_path: Path) -> None:
    """`shop` imports `till`, which imports a module of `shop`: Python would begin `shop` a second time."""
    (tmp_path / "sandbox/shop").mkdir(parents=True)
    (tmp_path / "sandbox/shop/__init__.py").write_text("from sandbox.till import open_till")
    (tmp_path / "sandbox/shop/prices.py").write_text("")
    (tmp_path / "sandbox/till.py").write_text("from sandbox.shop.prices import price")
    assert set(circle(imports(tmp_path))) == {"sandbox.shop", "sandbox.till"}
