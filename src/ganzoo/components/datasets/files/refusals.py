"""Where one picture is refused, others often are too: all are named at once, not one a run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ganzoo.components.datasets.files.decode import BadImage, Form, decode
from ganzoo.components.datasets.files.listing import Listing
from ganzoo.errors import BadData

LOOKED = 20_000
"""Pictures that are tried at most: more would keep somebody waiting for a message."""

NAMED = 5
"""Names a message gives at most."""


def with_others(error: BadImage, listing: Listing) -> BadData:
    """Add to why a picture is refused which others are refused as well.

    Args:
        error: of the first.
        listing: of all.
    """
    others = [name for name in _refused(listing) if name != error.name]
    if not others:
        return error
    names = ", ".join(others[:NAMED]) + (f" and {len(others) - NAMED:,} more" if len(others) > NAMED else "")
    among = f"the {listing.count:,}" if listing.count <= LOOKED else f"the first {LOOKED:,} of {listing.count:,}"
    return BadData(f"{error}. Of {among} pictures {len(others):,} more cannot be read: {names}")


def _refused(listing: Listing) -> Iterator[str]:
    for item in islice(listing.items(), LOOKED):
        try:
            decode(item, Form())
        except BadImage as error:
            yield error.name
