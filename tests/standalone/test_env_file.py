"""`.env`: what is stored is read back, what else stands there stays."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from close_kpis.standalone.env_file import EnvFile

ROOT = Path(__file__).resolve().parents[2]

VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\\\x85$"), min_size=1)


@given(value=VALUES, other=VALUES)
def test_what_is_stored_is_read_back(value: str, other: str) -> None:
    with TemporaryDirectory() as folder:
        env = EnvFile(Path(folder) / ".env", ROOT / ".env.example")
        env.save({"CLOSE_API_KEY": value, "OF_OTHERS": other})
        env.save({"CLOSE_API_KEY": value})
        assert env.values()["CLOSE_API_KEY"] == value
        assert env.values()["OF_OTHERS"] == other


def test_new_file_has_the_lines_of_the_example(tmp_path: Path) -> None:
    env = EnvFile(tmp_path / ".env", ROOT / ".env.example")
    env.save({"SPREADSHEET_ID": "abc"})
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert env.path.read_text(encoding="utf-8") == example.replace("SPREADSHEET_ID=\n", "SPREADSHEET_ID=abc\n")
    assert env.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_file_behind_a_link_is_the_one_that_changes(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    real = tmp_path / "kept" / "env"
    real.write_text("# Ours.\nA=1\n")
    (tmp_path / ".env").symlink_to(real)
    EnvFile(tmp_path / ".env").save({"A": "2"})
    assert (tmp_path / ".env").is_symlink()
    assert real.read_text() == "# Ours.\nA=2\n"


def test_file_that_cannot_be_replaced_stays_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\n")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        EnvFile(path).save({"A": "2"})
    assert path.read_text() == "A=1\n"
    assert [one.name for one in tmp_path.iterdir()] == [".env"]
