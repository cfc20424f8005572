"""Secrets do not come out of any door, in whatever form they come back."""

from __future__ import annotations

import base64
import html
import io
import json
import logging
import re
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from close_kpis import masking
from close_kpis.close.client import ClientConfig
from close_kpis.commands.arguments import main
from close_kpis.lake.config import LakeConfig
from close_kpis.masking import MASK, keep_connection, keep_secret, masked
from close_kpis.reporting import Lines, PipelineError, logger, one_line
from close_kpis.workbook.google.credentials import read_extras
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "o'Hara\\ & Söhne/@: +1%"
"""Made up of all that is quoted, escaped or encoded somewhere."""

FORMS = {
    "as it is": SECRET,
    "repr": repr(SECRET)[1:-1],
    "JSON": json.dumps(SECRET)[1:-1],
    "libpq": SECRET.replace("\\", "\\\\").replace("'", "\\'"),
    "SQL": SECRET.replace("'", "''"),
    "HTML": html.escape(SECRET),
    "percent": quote(SECRET, safe=""),
    "percent, as a path": quote(SECRET),
    "percent, as a form": quote_plus(SECRET),
    "percent, lower case": re.sub("%..", lambda found: found[0].lower(), quote(SECRET, safe="")),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "a Basic header": base64.b64encode(f"{SECRET}:".encode()).decode(),
    "a Basic header, percent": quote(base64.b64encode(f"{SECRET}:".encode()).decode(), safe=""),
    "base64 of addresses": base64.urlsafe_b64encode(f"{SECRET}:".encode()).decode().rstrip("="),
}
UNTOLD = {
    "libpq, quoted": r"host=db password='a\'hush me' dbname=lake",
    "libpq, spaces": "host=db Password = hush dbname=lake",
    "libpq, not closed": "host=db password='hush me",
    "an address": "postgresql://user:hush@db/lake",
    "an address, percent": "postgresql://user:hush%40me@db/lake",
    "an address, / and @": "postgresql://user:hush/me@hush@db/lake",
    "another address": "https://hush@db/lake",
    "a query": "postgresql://db/lake?user=me&password=hush&sslmode=require",
    "JSON": '{"private_key": "hush", "client_email": "a@b"}',
    "a dict": "{'api_key': 'hush', 'host': 'db'}",
    "a header": "Authorization: Basic hush==",
    "a key": "-----BEGIN PRIVATE KEY-----\nhush\nhush\n-----END PRIVATE KEY-----",
    "half a key": "-----BEGIN RSA PRIVATE KEY-----\nhush",
    "a token of Slack": "xoxb-hush-hush",
    "a webhook": "https://hooks.slack.com/services/T0/B0/hush",
    "a key of Close": "api_hush0123456789.hush0123456789",
}


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test keeps would be masked in the next."""
    monkeypatch.setattr(masking, "_kept", [])


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_masked_in_errors_logs_and_airflows_logs(form: str) -> None:
    import airflow.sdk  # noqa: F401 - whose logs are told of what is kept
    from airflow.sdk.log import redact  # type: ignore[attr-defined] # not named in its __all__

    keep_secret(SECRET)
    said = f"the server says {FORMS[form]}!"
    assert str(PipelineError(said)) == f"the server says {MASK}!"
    assert repr(PipelineError(said)) == f"PipelineError('the server says {MASK}!')"
    assert FORMS[form] not in str(redact(said))
    for log, formatter in ((logger("close_kpis.here"), logging.Formatter()), (logging.getLogger("other"), Lines())):
        text = io.StringIO()
        handler = logging.StreamHandler(text)
        handler.setFormatter(formatter)
        log.addHandler(handler)
        try:
            log.error("%s", said)
            raise PipelineError(said)
        except PipelineError as error:
            log.error("failed: %s", error, exc_info=True)
        finally:
            log.removeHandler(handler)
        assert FORMS[form] not in text.getvalue()
        assert text.getvalue().count(MASK) >= 3


@pytest.mark.parametrize("place", UNTOLD)
def test_what_stands_where_secrets_do_is_masked_though_nobody_told_of_it(place: str) -> None:
    shown = masked(UNTOLD[place])
    assert MASK in shown
    assert "hush" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "the connection close_default has no password: put the API key there",
        "look at https://app.close.com/lead/lead_1/ and write to ops@example.com",
        "basic authentication, page_token, 1 secret; token: none",
        "",
    ],
)
def test_what_holds_no_secret_is_left_as_it_is(text: str) -> None:
    assert masked(text) == text


@given(st.text(min_size=5).filter(lambda text: len(text.splitlines()) == 1), st.text(alphabet="abc \n", max_size=9))
def test_any_secret_is_masked_within_any_text(secret: str, around: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(masking, "_kept", [])
        # Airflow would keep them all, too, to the end of the tests.
        patch.delitem(sys.modules, "airflow.sdk", raising=False)
        keep_secret(secret)
        assert secret not in masked(f"{around}{secret}{around}").replace(MASK, "")


def test_no_configuration_shows_its_secrets() -> None:
    key = {"type": "service_account", "private_key": SECRET, "client_email": "a@b.iam.gserviceaccount.com"}
    shown = [
        repr(LakeConfig("postgres:host=db password='hush me'", "data", password=SECRET, s3_secret=SECRET)),
        repr(LakeConfig("postgres:postgresql://me:hush@db/lake", "data")),
        repr(ClientConfig(SECRET)),
        repr(read_extras({"keyfile_dict": json.dumps(key)}, "google")),
        repr(read_extras({"keyfile_dict": key}, "google")),
    ]
    assert not [text for text in shown if "Hara" in text or "hush" in text]


def test_the_extras_of_a_connection_are_masked_by_their_names() -> None:
    keep_connection(
        "first-password",
        {
            "s3_secret": "second-password",
            "extra__google_cloud_platform__keyfile_dict": '{"private_key": "third-password", "token_uri": "u"}',
            "catalog": "sqlite:/shown",
            "nested": {"client_secret": "fourth-password"},
        },
    )
    text = "first-password second-password third-password fourth-password sqlite:/shown u"
    assert masked(text) == f"{MASK} {MASK} {MASK} {MASK} sqlite:/shown u"


@pytest.mark.parametrize(
    "catalog",
    [
        "host=127.0.0.1 port=1 dbname=lake password='a\\'hush me'",
        "host=127.0.0.1 port=1 dbname=lake Password = hush",
        "host=127.0.0.1 port=1 dbname = lake password = hush",
        "postgresql://me:hush%40me@127.0.0.1:1/lake",
        "postgresql://me:hush/me@hush@127.0.0.1:1/lake",
        "postgresql://127.0.0.1:1/lake?user=me&password=hush",
        "hots=127.0.0.1 password=hush",
        "hush",
        "//me:hush@127.0.0.1/lake",
        "host=127.0.0.1 password='hush",
    ],
)
def test_a_command_says_what_is_wrong_with_a_catalog_without_its_password(
    catalog: str, set_connection: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    extra = {"catalog": f"postgres:{catalog}", "data_path": "/nowhere"}
    set_connection("lake_default", conn_type="ducklake", extra=extra)
    assert main(["check-settings", "--lake", "lake_default"]) == 2
    said = capsys.readouterr()
    assert "the lake's" in said.err
    assert "Traceback" not in said.err
    assert "hush" not in said.out + said.err


def test_a_fault_of_the_program_shows_no_secret_either() -> None:
    """As anything can be raised anywhere, with any text."""
    script = f"""
import sys
from close_kpis.commands import arguments
from close_kpis.masking import keep_secret
keep_secret({SECRET!r})
def fail(options):
    raise KeyError({FORMS["a Basic header"]!r})
arguments._run = fail
sys.exit(arguments.main(["check-settings"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT / "plugins", capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    # The traceback shows lines of the program, and this one is part of the command line.
    assert f"KeyError: '{MASK}'" in done.stderr
    assert "close_kpis check-settings: a fault of the program" in done.stderr


@pytest.mark.parametrize("text", ["a\x1b[31mred", "\x1b]8;;https://evil.example\x07", "a\u202etxt", "a\x9b1m", "a\x00"])
def test_errors_and_logs_show_no_character_that_a_terminal_acts_on(text: str) -> None:
    assert not set(str(PipelineError(text)) + one_line(text)) & set("\x1b\x07\u202e\x9b\x00")


@given(st.text())
def test_a_foreign_text_stays_on_its_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


def test_a_record_of_the_log_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    logger("close_kpis.here").warning("Close says %s", "no\n2026-01-01 INFO all is well\u2028really")
    [record] = caplog.records
    assert record.getMessage() == "Close says no 2026-01-01 INFO all is well really"


def test_every_error_and_log_of_the_product_passes_here() -> None:
    """By its source: whatever an error of ours is called, it is a `PipelineError`; whatever logs has our logger."""
    other = re.compile(r"^class \w+\((?:Exception|\w+Error)\b.*|.*\bgetLogger\(.*", re.MULTILINE)
    found = {
        line
        for path in sorted((ROOT / "plugins/close_kpis").rglob("*.py"))
        if path.name != "reporting.py"
        for line in other.findall(path.read_text(encoding="utf-8"))
        if not re.match(r"class \w+\(\w*(?:Pipeline|Close|Lake|Message|Sheets)\w*Error\b", line)
    }
    assert found == set()
