"""The recipes of docs/recipes.md: each patch applies, and does what the recipe says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
RECIPES = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
NAMES = ("kpi", "stream", "tab", "setting", "check")
"""The recipes in the order of the page, as tests/docs/carried_out.py calls them."""


def patches() -> dict[str, str]:
    return dict(zip(NAMES, re.findall(r"^```diff\n(.*?)^```$", RECIPES, re.MULTILINE | re.DOTALL), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_can_be_carried_out(name: str, tmp_path: Path) -> None:
    for folder in ("include", "plugins"):
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    patch = tmp_path / "recipe.patch"
    patch.write_text(patches()[name], encoding="utf-8")
    subprocess.run(["git", "apply", str(patch)], cwd=tmp_path, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "tests.docs.carried_out", name, str(tmp_path / "lake")],
        cwd=ROOT,
        env=os.environ
        | {"PYTHONPATH": f"{tmp_path}/plugins{os.pathsep}{ROOT}", "CLOSE_KPIS_INCLUDE": str(tmp_path / "include")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
