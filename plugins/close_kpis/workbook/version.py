"""One write at a time: of two writes that build on the same reading of a spreadsheet, only the first is carried out.

Google goes on with a request whose sender has died, for up to 180 seconds. The publish that follows may have read the
spreadsheet before that request is carried out, and would insert the same months once more. So each request of a write
also creates developer metadata of the spreadsheet, whose id is the number of the version that it makes. An id can
exist once: the request that comes second is refused as a whole.

Source: discovery document, DeveloperMetadata.metadataId: a unique id, which may be given at creation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from close_kpis.workbook.diff.ownership import stable_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

Request: TypeAlias = dict[str, Any]

VERSION_KEY = "close_kpis.version"
VERSION_MASK = "developerMetadata(metadataKey,metadataValue)"

KEPT = 20
"""Versions that are remembered: more than there can be in the time that Google goes on with a request."""


def read_versions(spreadsheet: Mapping[str, Any]) -> frozenset[int]:
    """Return the numbers of the versions that a spreadsheet remembers.

    Args:
        spreadsheet: an answer of the API, read with `VERSION_MASK`.
    """
    return frozenset(
        int(metadata["metadataValue"])
        for metadata in spreadsheet.get("developerMetadata", ())
        if metadata.get("metadataKey") == VERSION_KEY and str(metadata.get("metadataValue")).isdecimal()
    )


def versioned(bodies: Iterable[list[Request]], versions: AbstractSet[int]) -> Iterator[tuple[int, list[Request]]]:
    """Yield the requests of a write, each list with what makes the next version, and the number of that.

    Args:
        bodies: lists of requests, in the order in which they are sent.
        versions: what the spreadsheet remembers, on which the write builds.
    """
    first = max(versions, default=0) + 1
    old = [number for number in versions if number <= first - KEPT]
    for number, requests in enumerate(bodies, start=first):
        yield number, [*requests, _made(number), *map(_forgotten, old)]
        old = []


def _made(number: int) -> Request:
    metadata = {
        "metadataId": stable_id("version", str(number)),
        "metadataKey": VERSION_KEY,
        "metadataValue": str(number),
        "location": {"spreadsheet": True},
        "visibility": "DOCUMENT",
    }
    return {"createDeveloperMetadata": {"developerMetadata": metadata}}


def _forgotten(number: int) -> Request:
    lookup = {"developerMetadataLookup": {"metadataKey": VERSION_KEY, "metadataValue": str(number)}}
    return {"deleteDeveloperMetadata": {"dataFilter": lookup}}
