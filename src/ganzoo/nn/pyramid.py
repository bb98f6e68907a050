"""Image sizes that repeated doubling of a small base can reach."""

from __future__ import annotations

from ganzoo.errors import BadSetting

BASES = range(3, 8)


def factor_size(height: int, width: int) -> tuple[tuple[int, int], int]:
    """Split an image size into a base of 3 to 7 pixels a side and a number of doublings.

    Args:
        height: in pixels.
        width: in pixels.

    Returns:
        ``((base_height, base_width), doublings)`` with the fewest doublings.

    Raises:
        BadSetting: the size is not ``base * 2^k``; the message names the nearest sizes that are.
    """
    for doublings in range(1, 12):
        scale = 2**doublings
        bases = (height // scale, width // scale)
        if height % scale == 0 and width % scale == 0 and bases[0] in BASES and bases[1] in BASES:
            return bases, doublings
    short, long = sorted((height, width))
    near = sorted({base * 2**k for base in BASES for k in range(1, 9)}, key=lambda n: abs(n - short))
    if 7 * short < 3 * long:
        what = "is too long: sides of 3 to 7 pixels, doubled equally often, reach 7 to 3 at most"
        raise BadSetting(f"resolution {width}x{height} {what}. Crop to squares: --resolution {near[0]}")
    raise BadSetting(
        f"resolution {width}x{height} is not 3 to 7 times a power of two. Try --resolution {near[0]} or {near[1]}."
    )
