"""The key of a caller that puts it where its own vendor's API has it."""

from __future__ import annotations

from collections.abc import Mapping

from multidict import CIMultiDict, CIMultiDictProxy, MultiMapping

from proxy_core.dialects.surface import Surface
from proxy_core.errors import BadRequest
from proxy_core.server.access.request_guard import HEADER_REPEATED


def headers_with_key(
    headers: CIMultiDictProxy[str], query: MultiMapping[str], surface: Surface
) -> Mapping[str, str]:
    """Return ``headers`` with the vendor's own key, if there is one, as ``x-api-key``.

    A key in a header counts before one in the address. Raises BadRequest for more than one of a place:
    different programs read the first or the last.
    """
    places: tuple[tuple[str, MultiMapping[str]], ...] = (
        (surface.key_header, headers),
        (surface.key_query, query),
    )
    for name, holder in places:
        found = holder.getall(name, []) if name else []
        if len(found) > 1:
            raise BadRequest(f"The key {name} is there more than once.", code=HEADER_REPEATED)
        if found and found[0] and "x-api-key" not in headers:
            return CIMultiDict(headers, **{"x-api-key": found[0]})
    return headers
