"""The Airflow hook of Close CRM."""

from __future__ import annotations

import asyncio

from airflow.sdk import BaseHook

from close_kpis.close.client import API_PATH, BASE_URL, ClientConfig, CloseClient
from close_kpis.close.errors import CloseAuthError, CloseError
from close_kpis.masking import keep_connection


class CloseHook(BaseHook):
    """Makes clients of the Close account that an Airflow connection of type ``close`` describes.

    The connection's password is the API key; its host the address, with scheme where it is not https;
    without a host it is ``https://api.close.com``.

    Args:
        close_conn_id: id of the connection.
    """

    conn_name_attr = "close_conn_id"
    default_conn_name = "close_default"
    conn_type = "close"
    hook_name = "Close CRM"

    def __init__(self, close_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.close_conn_id = close_conn_id

    @property
    def config(self) -> ClientConfig:
        """How to reach Close.

        Raises:
            CloseAuthError: the connection has no API key.
        """
        conn = self.get_connection(self.close_conn_id)
        keep_connection(conn.password, conn.extra_dejson)
        if not conn.password:
            raise CloseAuthError(
                f"the Airflow connection {self.close_conn_id} has no password: put the API key there "
                "(Close: Settings > Developer > API Keys)"
            )
        return ClientConfig(api_key=conn.password, base_url=_address(conn.host, conn.port, conn.schema))

    def get_conn(self) -> CloseClient:
        """Return a client, to be opened with ``async with``."""
        return CloseClient(self.config)

    def test_connection(self) -> tuple[bool, str]:
        """Say whether the API key is accepted, and whose it is."""
        try:
            user = asyncio.run(_me(self.config))
        except CloseError as error:
            return False, str(error)
        return (
            True,
            f"Connected to Close as {user.get('first_name') or ''} {user.get('last_name') or ''}".strip(),
        )


async def _me(config: ClientConfig) -> dict[str, object]:
    async with CloseClient(config) as client:
        return await client.get("/me/")


def _address(host: str | None, port: int | None, scheme: str | None) -> str:
    """Return the base address of a connection's host, port and schema.

    A connection written as an address (``close://...@127.0.0.1:8000/http``) has the scheme apart.
    """
    if not host:
        return BASE_URL
    # The documentation's addresses include the path, which people copy.
    host = host.rstrip("/").removesuffix(API_PATH).rstrip("/")
    address = host if "://" in host else f"{scheme or 'https'}://{host}"
    return f"{address}:{port}" if port else address
