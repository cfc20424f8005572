"""Keys stay where they belong: out of git, out of the image, and a commit that holds one is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from pathspec import PathSpec

ROOT = Path(__file__).resolve().parents[2]
KEYS = (
    "secrets/google-key.json",
    "secrets/anything",
    "google-key.json",
    "include/google_key.json",
    "plugins/close_kpis/my-service-account.json",
    "plugins/service_account_close.json",
    "include/my-project-0123456789ab.json",
    "dags/credentials.json",
    "dags/client_secret_1.json",
    "lake.pem",
    ".env",
)


@pytest.mark.parametrize("path", KEYS)
def test_git_ignores_a_key(path: str) -> None:
    done = subprocess.run(["git", "check-ignore", "--quiet", "--no-index", path], cwd=ROOT, check=False)
    assert done.returncode == 0


def test_git_keeps_the_folder_for_keys_and_every_file_of_the_project() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "secrets/.gitignore" in tracked.splitlines()
    command = ["git", "check-ignore", "--no-index", "--stdin"]
    ignored = subprocess.run(command, cwd=ROOT, input=tracked, capture_output=True, text=True, check=False).stdout
    assert ignored == ""


def test_the_image_is_built_from_the_product_alone() -> None:
    """As Docker reads .dockerignore: from the root, and the last pattern that matches a path counts."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    rooted = [line.replace("!", "!/", 1) if line.startswith("!") else line for line in lines]
    ignored = PathSpec.from_lines("gitignore", rooted)
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    context = {path for path in (*tracked.splitlines(), *KEYS) if not ignored.match_file(path)}
    assert {path.partition("/")[0] for path in context} == {"dags", "include", "plugins", "requirements-celery.txt"}
    assert not context & set(KEYS)


def test_compose_takes_the_key_from_the_folder_that_git_ignores() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))
    place = "./secrets/google-key.json"
    assert compose["secrets"]["google_key"]["file"] == f"${{GOOGLE_KEY_FILE:-{place}}}"
    assert f"\nGOOGLE_KEY_FILE={place}\n" in (ROOT / ".env.example").read_text(encoding="utf-8")


def test_a_commit_with_a_key_is_refused(tmp_path: Path) -> None:
    # Made up here, so that this file holds none.
    leak = tmp_path / "settings.py"
    leak.write_text(f'PASSWORD = "{"q7Xv" * 6}"\nTOKEN = "AKIA{"J2K4" * 4}"\n', encoding="utf-8")
    hook = Path(sys.executable).parent / "detect-secrets-hook"
    command = [str(hook), "--baseline", str(ROOT / ".secrets.baseline"), str(leak)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "AWS Access Key" in done.stdout
