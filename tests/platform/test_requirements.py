"""The lists of requirements: each part of the project names what it imports, and one version serves them all."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LISTS = {
    "requirements.in": ("plugins/close_kpis", "dags"),
    "sandbox/requirements.in": ("sandbox",),
}
"""A list of requirements, and the folders whose imports it is for."""

OWN = {"close_kpis", "sandbox"}
# Airflow is many distributions; the one that people install brings them.
UMBRELLAS = {"airflow": {"apache-airflow"}}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def listed(path: str) -> set[str]:
    """Return the packages that a list of requirements names itself."""
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return {_normal(re.split(r"[=<>~;\[ ]", line)[0]) for line in lines if line and line[0] not in "#-"}


def pins(path: str) -> dict[str, set[str]]:
    """Return the versions of each package in a compiled list; there are two where old Pythons need an older one."""
    found: dict[str, set[str]] = {}
    text = (ROOT / path).read_text(encoding="utf-8")
    for name, version in re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==([^\s;]+)", text, re.MULTILINE):
        found.setdefault(_normal(name), set()).add(version)
    return found


def imported(folders: tuple[str, ...]) -> dict[str, set[str]]:
    """Return what modules import that is neither Python's nor the project's: the distributions it can come from."""
    distributions = packages_distributions()
    found: dict[str, set[str]] = {}
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                match node:
                    case ast.Import():
                        names = [alias.name for alias in node.names]
                    case ast.ImportFrom(module=str(module), level=0):
                        names = [module]
                    case _:
                        continue
                for name in {name.split(".")[0] for name in names} - sys.stdlib_module_names - OWN:
                    found[name] = UMBRELLAS.get(name) or {_normal(each) for each in distributions[name]}
    return found


@pytest.mark.parametrize("path", LISTS)
def test_a_list_names_what_its_modules_import(path: str) -> None:
    missing = {name for name, sources in imported(LISTS[path]).items() if not sources & listed(path)}
    assert missing == set()


def test_the_image_has_no_package_for_the_sandbox_alone() -> None:
    """The image installs what requirements.txt names, which leaves out what the product does not import, and Celery."""
    product = set().union(*imported(LISTS["requirements.in"]).values())
    sandbox = set().union(*imported(LISTS["sandbox/requirements.in"]).values())
    alone = sandbox - product
    assert {"ironcalc", "uvicorn"} <= alone
    assert alone & listed("requirements.in") == set()
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    installed = re.findall(r"^COPY (\S*requirements\S*)", dockerfile, re.MULTILINE)
    assert installed == ["requirements-celery.txt"]
    assert pins("requirements.txt").items() <= pins("requirements-celery.txt").items()


def test_the_sandbox_lists_nothing_that_it_does_not_import() -> None:
    used = set().union(*imported(LISTS["sandbox/requirements.in"]).values())
    # uvicorn reads HTTP with it where it is installed, and the Close sandbox asks for that.
    assert listed("sandbox/requirements.in") - used == {"httptools"}


@pytest.mark.parametrize("path", ["sandbox/requirements.txt", "requirements-celery.txt", "requirements-dev.txt"])
def test_one_version_serves_product_sandbox_and_tools(path: str) -> None:
    product, other = pins("requirements.txt"), pins(path)
    shared = product.keys() & other.keys()
    assert {"httpx", "numpy", "google-auth"} <= shared
    assert {name: other[name] for name in shared} == {name: product[name] for name in shared}
