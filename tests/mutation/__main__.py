"""Change the product in small ways, one at a time, and see which changes no test notices: ``make mutants``.

Each change is made in a copy of the project, where only the tests that concern the file run, to the first that fails
and not for ever. It is the same sample for the same seed. Python is mutated by cosmic-ray, SQL by `sql.py`.
"""

from __future__ import annotations

import argparse
import difflib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING

from tests.mutation import sql

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv/bin/python"
FAILED = (1, 2)
"""Exit status of pytest when a test fails, and when a module cannot be imported any more."""

LONGEST = 900.0
"""Seconds after which tests do not end any more; pytest-timeout ends most of those that wait for ever before."""

LATEST = 240.0
"""Seconds after the last mutant may begin, within which tests may still begin to run unchanged."""

KILLED = ("killed", "too slow")

SEPARATOR = re.compile(r", [*/],")
"""Between parameters, where it is no operator: ``f(a, *, b)``."""

DULL = re.compile("BitOr|RemoveDecorator|_Eq_Is$|_NotEq_IsNot$")
"""Operators whose mutants change nothing: ``|`` stands in annotations, decorators make classes, and what is equal is
mostly one object, too."""


@dataclass(frozen=True)
class Mutant:
    """A change of one file.

    Attributes:
        file: below the root.
        text: of the changed file.
        tests: that concern it.
        what: in words, of a mutant that is known; empty for one of the sample.
    """

    file: str
    text: str
    tests: tuple[str, ...]
    what: str = ""

    def shown(self) -> str:
        """Return what is changed: the lines before and after."""
        before = (ROOT / self.file).read_text(encoding="utf-8").splitlines()
        lines = list(difflib.unified_diff(before, self.text.splitlines(), n=0, lineterm=""))[2:]
        place = re.search(r"-(\d+)", lines[0]) if lines else None
        return "\n".join([f"{self.file}:{place[1] if place else '?'}", *(f"    {line}" for line in lines[1:])])


def named(config: dict[str, list[dict[str, object]]]) -> Iterator[Mutant]:
    """Yield the mutants that must never survive again."""
    for one in config["named"]:
        text = (ROOT / str(one["file"])).read_text(encoding="utf-8")
        if text.count(str(one["old"])) != 1:
            raise SystemExit(f"suites.toml: {one['file']} does not hold once what is changed so that {one['what']}")
        changed = text.replace(str(one["old"]), str(one["new"]))
        yield Mutant(str(one["file"]), changed, tuple(one["tests"]), str(one["what"]))  # type: ignore[arg-type]


def sample(config: dict[str, list[dict[str, object]]], size: int, seed: int, only: str) -> Iterator[Mutant]:
    """Yield so many different mutants: a file by its length, then any change of it."""
    suites = {
        path: tuple(suite["tests"])  # type: ignore[arg-type]
        for suite in config["suite"]
        for pattern in suite["files"]  # type: ignore[attr-defined]
        for one in _alternatives(pattern)
        for path in sorted(ROOT.glob(one))
        if path.name != "__init__.py" and only in str(path)
    }
    files = list(suites)
    weights = [len(path.read_bytes()) for path in files]
    # Not for secrets.
    chance, seen = random.Random(seed), set[str]()
    for _ in range(20 * size):
        [path] = chance.choices(files, weights)
        if places := _places(path):
            text = _changed(path, *chance.choice(places))
            if path.suffix == ".py" and not _is_python(path, text):
                continue
            if text not in seen and not _is_same(text, path.read_text(encoding="utf-8")):
                seen.add(text)
                yield Mutant(str(path.relative_to(ROOT)), text, suites[path])
        if len(seen) == size:
            return


def _is_python(path: Path, text: str) -> bool:
    """Say whether a text is a program: what unpacks, ``**``, is mutated as if it were an operator."""
    try:
        compile(text, path, "exec")
    except SyntaxError:
        return False
    return True


def _is_same(text: str, before: str) -> bool:
    def plain(text: str) -> str:
        # mypy finds whoever changes what is frozen, or sets what has no slot, or needs at run time what is imported for
        # it alone.
        text = SEPARATOR.sub(", *,", text).replace("if not TYPE_CHECKING", "if TYPE_CHECKING")
        return text.replace("frozen=False", "frozen=True").replace("slots=False", "slots=True")

    return plain(text) == plain(before)


def _alternatives(pattern: str) -> list[str]:
    found = re.search(r"\{(.*?)\}", pattern)
    return [pattern.replace(found[0], one) for one in found[1].split(",")] if found else [pattern]


@cache
def _places(path: Path) -> tuple[tuple[str, int], ...]:
    """Return what can be changed in a file: an operator of cosmic-ray and where, or the number of a SQL mutant."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".sql":
        return tuple(("", at) for at in range(len(sql.mutants(text))))
    from cosmic_ray.ast import Visitor, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    names = [name for name in sorted(operator_names()) if not DULL.search(name) and not get_operator(name).arguments()]
    operators = {name: get_operator(name)() for name in names}
    found: Counter[str] = Counter()

    class Counting(Visitor):
        def visit(self, node):  # type: ignore[no-untyped-def]
            for name, operator in operators.items():
                found[name] += sum(1 for _ in operator.mutation_positions(node))
            return node

    Counting().walk(get_ast(text))
    return tuple((name, at) for name, number in found.items() for at in range(number))


def _changed(path: Path, operator: str, at: int) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".sql":
        return sql.mutants(text)[at]
    from cosmic_ray.mutating import MutationVisitor
    from cosmic_ray.plugins import get_operator

    return MutationVisitor.mutate_code(text, get_operator(operator)(), at) or text


class Copies:
    """Copies of the project to try mutants in, one a worker."""

    def __init__(self, folder: Path, number: int) -> None:
        self.free: Queue[Path] = Queue()
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
        for at in range(number):
            copy = folder / str(at)
            for name in filter(None, listed.stdout.split("\0")):
                if (ROOT / name).is_file():
                    (copy / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(ROOT / name, copy / name)
            self.free.put(copy)

    def run(self, tests: tuple[str, ...], seconds: float, mutant: Mutant | None = None) -> int | None:
        """Return pytest's exit status, None where it did not end in time."""
        copy = self.free.get()
        try:
            if mutant is not None:
                (copy / mutant.file).write_text(mutant.text, encoding="utf-8")
            command = [PYTHON, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", *tests]
            temporary = copy.with_name(f"{copy.name}-tmp")
            temporary.mkdir(exist_ok=True)
            process = subprocess.Popen(
                command,
                cwd=copy,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(temporary)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            try:
                return process.wait(seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()
                return None
        finally:
            if mutant is not None:
                shutil.copy2(ROOT / mutant.file, copy / mutant.file)
            self.free.put(copy)


def main() -> int:
    """Try the mutants; return 1 where one of the known ones survives, or more than a tenth of the sample."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sample", type=int, default=25, help="mutants beside the known ones")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=11.0, help="begin no other mutant after this")
    parser.add_argument("--only", default="", help="files whose path holds this")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    config = tomllib.loads((Path(__file__).parent / "suites.toml").read_text(encoding="utf-8"))
    end = time.monotonic() + 60 * options.minutes
    tried = [*named(config), *sample(config, options.sample, options.seed, options.only)]
    if options.only:
        tried = [one for one in tried if options.only in one.file]
    with (
        tempfile.TemporaryDirectory(prefix="mutants-") as folder,
        ThreadPoolExecutor(options.workers) as pool,
    ):
        copies = Copies(Path(folder), options.workers)
        states = list(pool.map(lambda one: _state(copies, one, end), tried))
        # A mutant that survived has shown that its tests pass. Of the others something else may have ended them.
        unseen = {one.tests for one, state in zip(tried, states, strict=True) if state in KILLED}
        unseen -= {one.tests for one, state in zip(tried, states, strict=True) if state == "survived"}
        list(pool.map(lambda tests: _require_green(copies, tests, end + LATEST), sorted(unseen)))
    return _report(tried, states, options.seed)


def _require_green(copies: Copies, tests: tuple[str, ...], end: float) -> None:
    """Run tests on what is not changed, if there is time left.

    Raises:
        SystemExit: they fail.
    """
    if time.monotonic() > end:
        print(f"no time to run unchanged: {' '.join(tests)}")
    elif status := copies.run(tests, LONGEST):
        raise SystemExit(f"{' '.join(tests)}: exit status {status} without any change: mend that first")


def _state(copies: Copies, mutant: Mutant, end: float) -> str:
    if time.monotonic() > end:
        return "not tried"
    began = time.monotonic()
    status = copies.run(mutant.tests, LONGEST, mutant)
    if status is not None and status not in {0, *FAILED}:
        raise SystemExit(f"pytest ended with {status}: {mutant.shown()}")
    state = "killed" if status else "too slow" if status is None else "survived"
    shown = mutant.shown() if state == "survived" else mutant.file
    print(f"{state:>9}  {time.monotonic() - began:4.0f} s  {shown}  {mutant.what}", flush=True)
    return state


def _report(tried: list[Mutant], states: list[str], seed: int) -> int:
    done = [(one, state) for one, state in zip(tried, states, strict=True) if state != "not tried"]
    survivors = [one for one, state in done if state == "survived"]
    share = len(survivors) / len(done) if done else 0.0
    left = f", no time for {len(tried) - len(done)}" if len(done) < len(tried) else ""
    print(f"\nSeed {seed}: {len(done)} mutants tried, {len(survivors)} survived ({share:.0%}){left}")
    return 1 if share > 0.1 or any(one.what for one in survivors) else 0


if __name__ == "__main__":
    sys.exit(main())
