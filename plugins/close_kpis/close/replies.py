"""The body of a reply, as far as it may go: how large, how compressed, how deep, from which host."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from close_kpis.close.errors import CloseOversizeError, CloseRedirectError, CloseResponseError

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 64 * 2**20
"""Of a body, unpacked. The largest that Close sends, a page of 200 leads with their custom fields, has a few."""

GZIP = 16 + zlib.MAX_WBITS
PACKINGS = ("", "identity", "gzip")
"""What a body may be packed with: nothing, or what we ask for."""


def refuse_other_host(response: httpx.Response) -> None:
    """Refuse a redirect to another host before anything is sent there.

    Raises:
        CloseRedirectError: the reply is one.
    """
    if response.next_request is None:
        return
    here, there = response.url, response.next_request.url
    is_same = (there.scheme, there.host, there.port) == (here.scheme, here.host, here.port)
    becomes_safe = (here.scheme, there.scheme) == ("http", "https") and there.host == here.host
    if not is_same and not becomes_safe:
        raise CloseRedirectError(
            f"{response.request.method} {here.path}: {here.host} answers with a redirect to {there.scheme}://"
            f"{there.netloc.decode()}: nothing was sent there. Check the address of the Close connection"
        )


async def read_body(response: httpx.Response, where: str) -> bytes:
    """Read a streamed reply to its end, piece by piece, so that no reply can fill the memory.

    Args:
        response: its body is not read yet.
        where: method and path, for the error.

    Returns:
        The body, unpacked.

    Raises:
        CloseOversizeError: it is larger than `MOST_BYTES`.
        CloseResponseError: it is packed otherwise than was asked for, or not packed as it says.
    """
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing not in PACKINGS:
        raise CloseResponseError(f"{where}: the reply is packed with {packing[:20]!r}, which was not asked for")
    unpacker = zlib.decompressobj(GZIP) if packing == "gzip" else None
    body = bytearray()
    async for piece in response.aiter_raw():
        room = MOST_BYTES - len(body) + 1
        try:
            # Of a small piece may come a large body: no more of it than there is room for.
            body += piece if unpacker is None else unpacker.decompress(piece, room)
        except zlib.error as error:
            raise CloseResponseError(
                f"{where}: the reply is not packed as it says ({error}); run the task again"
            ) from None
        if len(body) > MOST_BYTES:
            raise CloseOversizeError(
                f"{where}: the reply is larger than {MOST_BYTES // 2**20} MB unpacked, and was not read to its end: "
                "Close sends nothing that large. Check the address of the Close connection"
            )
    return bytes(body)


def parse(body: bytes, where: str) -> Any:
    """Return what a body says.

    Raises:
        ValueError: it is no JSON.
        CloseOversizeError: it is nested deeper than Python can follow.
    """
    try:
        return json.loads(body)
    except RecursionError:
        raise CloseOversizeError(
            f"{where}: the reply is nested too deeply: Close sends nothing like that. Check the address of the Close "
            "connection"
        ) from None
