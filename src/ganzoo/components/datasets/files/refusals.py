"""Messages that name all images that cannot be read at once, instead of one a run."""

from __future__ import annotations

from itertools import islice

from ganzoo.components.datasets.files.decode import BadImage, ImageFormat, decode
from ganzoo.components.datasets.files.listing import Listing
from ganzoo.errors import BadData

MAX_TRIED = 20_000
"""Images that are tried at most: more would delay the message too long."""

MAX_NAMED = 5
"""Names that a message holds at most."""


def add_other_refusals(error: BadImage, listing: Listing) -> BadData:
    """Add the names of further images that cannot be read to the error of the first."""
    others: list[str] = []
    for item in islice(listing.items(), MAX_TRIED):
        try:
            decode(item, ImageFormat())
        except BadImage as other:
            if other.name != error.name:
                others.append(other.name)
    if not others:
        return error
    names = ", ".join(others[:MAX_NAMED]) + (f" and {len(others) - MAX_NAMED:,} more" if others[MAX_NAMED:] else "")
    among = f"the {listing.count:,}" if listing.count <= MAX_TRIED else f"the first {MAX_TRIED:,} of {listing.count:,}"
    return BadData(f"{error}. Of {among} pictures {len(others):,} more cannot be read: {names}")
