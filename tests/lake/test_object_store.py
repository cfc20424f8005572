"""A lake in an object store, by the settings that docs/lake.md gives; what its errors say."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.lake import maintenance
from close_kpis.lake.config import LakeConfig, LakeError
from close_kpis.lake.connection import connect, transaction
from close_kpis.lake.hook import LakeHook
from close_kpis.lake.loader import merge
from close_kpis.lake.maintenance import maintain
from tests.support.services import object_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KEYS = {"s3_key_id": "key", "s3_secret": "hush"}  # pragma: allowlist secret


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """Host and port of an S3 server without TLS, with a bucket named lake."""
    with object_store("lake") as running:
        yield running.address


@pytest.fixture
def lake_at(set_connection: Callable[..., None], tmp_path: Path) -> Callable[..., LakeConfig]:
    """Returns the lake of an Airflow connection with these extras, as a person enters them."""

    def lake_at(data_path: str, **extra: Any) -> LakeConfig:
        catalog = f"sqlite:{tmp_path}/catalog.sqlite"
        set_connection(
            "lake_default", conn_type="ducklake", extra={"catalog": catalog, "data_path": data_path, **extra}
        )
        return LakeHook().config

    return lake_at


@pytest.fixture
def plain(lake_at: Callable[..., LakeConfig], store: str, tmp_path: Path) -> LakeConfig:
    """A lake in a store of one's own without TLS, such as MinIO."""
    extra = {**KEYS, "s3_endpoint": store, "s3_url_style": "path", "s3_use_ssl": "false"}
    return lake_at(f"s3://lake/{tmp_path.name}", **extra)


def fill(lake: LakeConfig, times: int = 1) -> None:
    with closing(connect(lake)) as con:
        for number in range(times):
            rows = [{"id": f"lead_{n}", "display_name": f"{number}"} for n in range(20)]
            with transaction(con, lake):
                merge(con, "leads", rows, synced_at=datetime.now(UTC))


def test_lake_in_a_store_without_tls_is_written_maintained_and_read(
    plain: LakeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "FEW", 2)
    fill(plain, times=4)
    with closing(connect(plain, read_only=True)) as con:
        before = con.execute("from raw.leads order by id").fetchall()
    later = datetime.now(UTC) + timedelta(days=40)
    assert maintain(plain, now=later, grace=timedelta(days=2)).tables == ("raw.leads",)
    assert maintain(plain, now=later + timedelta(days=9), grace=timedelta(days=2)).files_left == 1
    with closing(connect(plain, read_only=True)) as con:
        assert con.execute("from raw.leads order by id").fetchall() == before


def test_missing_bucket_is_named(lake_at: Callable[..., LakeConfig], store: str) -> None:
    lake = lake_at("s3://nowhere/lake", **KEYS, s3_endpoint=store, s3_url_style="path", s3_use_ssl=False)
    with pytest.raises(LakeError, match=r"\(s3://nowhere/lake\) has no bucket nowhere: create it"):
        fill(lake)


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (403, "InvalidAccessKeyId", "refused the credentials: correct `s3_key_id` and `s3_secret`"),
        (403, "SignatureDoesNotMatch", "refused the credentials"),
        (403, "AccessDenied", "refused the credentials"),
        (400, "AuthorizationHeaderMalformed", "is in another region or at another address: correct `s3_region`"),
    ],
)
def test_refusal_says_which_field_to_correct(
    lake_at: Callable[..., LakeConfig], status: int, code: str, told: str
) -> None:
    class Refusal(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_HEAD = do_PUT = do_POST = do_GET  # noqa: N815 (the names of the methods)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusal) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"127.0.0.1:{server.server_port}"
        lake = lake_at("s3://lake/data", **KEYS, s3_endpoint=endpoint, s3_url_style="path", s3_use_ssl=False)
        with pytest.raises(LakeError) as raised:
            fill(lake)
        server.shutdown()
    assert told in str(raised.value)
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize("tls", [True, False])
def test_store_that_is_down_is_told_with_its_address(lake_at: Callable[..., LakeConfig], tls: bool) -> None:
    lake = lake_at("s3://lake/data", **KEYS, s3_endpoint="127.0.0.1:9", s3_url_style="path", s3_use_ssl=tls)
    how = "with" if tls else "without"
    with pytest.raises(LakeError, match=rf"did not answer at 127\.0\.0\.1:9 {how} TLS"):
        fill(lake)


def test_credentials_of_the_machine_are_used_where_the_connection_says_so(
    lake_at: Callable[..., LakeConfig], store: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")  # pragma: allowlist secret
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    extra = {"s3_credential_chain": "true", "s3_endpoint": store, "s3_url_style": "path", "s3_use_ssl": "false"}
    lake = lake_at(f"s3://lake/{tmp_path.name}", **extra, s3_region="us-east-1")
    pytest.importorskip("duckdb_extension_aws")
    fill(lake)
    with closing(connect(lake, read_only=True)) as con:
        [(key,)] = con.execute("select secret_string from duckdb_secrets() where name = 'lake_store'").fetchall()
    assert "provider=credential_chain" in key


def test_what_is_left_empty_in_the_form_counts_as_not_given(lake_at: Callable[..., LakeConfig]) -> None:
    lake = lake_at("s3://lake/data", s3_use_ssl=None, s3_key_id="", keep_days="", s3_credential_chain="")
    assert (lake.s3_use_ssl, lake.s3_key_id, lake.keep_days, lake.s3_credential_chain) == (True, None, 30, False)


def test_days_that_are_no_number_are_refused(lake_at: Callable[..., LakeConfig]) -> None:
    with pytest.raises(LakeError, match="lake_default keeps the lake's snapshots for 'a month' days"):
        lake_at("data", keep_days="a month")
