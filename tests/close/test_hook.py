"""The Airflow hook of Close: what a connection says, and whether it works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.close.errors import CloseAuthError
from close_kpis.close.hook import CloseHook

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.close_api import CloseSandbox


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ({}, "https://api.close.com"),
        ({"host": "api.close.com"}, "https://api.close.com"),
        ({"host": "http://127.0.0.1:8000/"}, "http://127.0.0.1:8000"),
        ({"host": "http://127.0.0.1", "port": 8000}, "http://127.0.0.1:8000"),
        ({"host": "127.0.0.1", "port": 8000, "schema": "http"}, "http://127.0.0.1:8000"),
    ],
)
def test_address_of_a_connection(set_connection: Callable[..., None], fields: dict[str, Any], address: str) -> None:
    set_connection("close_default", conn_type="close", password="api_key", **fields)  # pragma: allowlist secret
    config = CloseHook().config
    assert (config.base_url, config.api_key) == (address, "api_key")
    assert "api_key" not in repr(config).replace("api_key=", "")


def test_connection_without_a_key_is_refused(set_connection: Callable[..., None]) -> None:
    set_connection("close_other", conn_type="close")
    with pytest.raises(CloseAuthError, match="close_other has no password"):
        _ = CloseHook("close_other").config


def test_connection_test_says_who_is_connected(set_connection: Callable[..., None], sandbox: CloseSandbox) -> None:
    set_connection("close_default", conn_type="close", password=sandbox.api_key, host=sandbox.url)
    assert CloseHook().test_connection() == (True, "Connected to Close as Anna A")


def test_connection_test_says_what_is_wrong(set_connection: Callable[..., None], sandbox: CloseSandbox) -> None:
    set_connection("close_default", conn_type="close", password="wrong", host=sandbox.url)  # pragma: allowlist secret
    works, told = CloseHook().test_connection()
    assert not works
    assert "401" in told
