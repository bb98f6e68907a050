"""Style mixing: the coarse, middle or fine styles of one sample in another (Karras et al. 2019, section 3.1)."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor

from ganzoo.interfaces.networks import StyleGenerator
from ganzoo.sampling.styles import synthesise, truncate

Part = Literal["coarse", "middle", "fine"]
PARTS: tuple[Part, ...] = get_args(Part)


def layer_range(part: Part, num_styles: int) -> slice:
    """Say which of a generator's layers are coarse, middle or fine: a third each, the coarsest first."""
    edges = [round(i * num_styles / len(PARTS)) for i in range(len(PARTS) + 1)]
    place = PARTS.index(part)
    return slice(edges[place], edges[place + 1])


def mix_styles(styles_BLS: Tensor, others_BLS: Tensor, part: Part) -> Tensor:
    """Give the styles, with one part of their layers taken from the others."""
    layers = layer_range(part, styles_BLS.shape[1])
    result = styles_BLS.clone()
    result[:, layers] = others_BLS[:, layers]
    return result


@torch.no_grad()
def style_mixing_samples(
    generator: StyleGenerator, rows: tuple[Tensor, Tensor], columns: tuple[Tensor, Tensor], part: Part,
    *, truncation: float = 1.0, noise_seed: int | None = None,
) -> Tensor:  # fmt: skip
    """Make the classic sheet: each row's sample with the part of its styles taken from each column's.

    Args:
        generator: in evaluation mode.
        rows: latents ``(R, latent_dim)`` and labels ``(R,)``.
        columns: latents and labels of the C samples styles are taken from.
        part: which styles are taken.
        truncation: psi.
        noise_seed: of the noise all samples share.

    Returns:
        ``((R + 1) * (C + 1), *shape)``, row by row; the first row holds a blank and the columns' samples, the first
        column the rows'.
    """
    row_styles, column_styles = (
        truncate(generator, generator.mapping(*source), truncation) for source in (rows, columns)
    )
    tops = synthesise(generator, column_styles, noise_seed)
    lines = [torch.cat([torch.ones_like(tops[:1]), tops])]
    for row in torch.split(row_styles, 1):
        cells = mix_styles(row.expand_as(column_styles), column_styles, part)
        lines.append(synthesise(generator, torch.cat([row, cells]), noise_seed))
    return torch.cat(lines)
