"""Style mixing: the coarse, middle or fine styles of one sample in another (Karras et al. 2019, section 3.1)."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor

from ganzoo.interfaces.networks import StyleGenerator
from ganzoo.sampling.styles import synthesise, truncate

Part = Literal["coarse", "middle", "fine"]
PARTS: tuple[Part, ...] = get_args(Part)


def get_layer_range(part: Part, num_styles: int) -> slice:
    """Return the layers that are coarse, middle or fine: a third of the generator's layers each, coarsest first."""
    edges = [round(i * num_styles / len(PARTS)) for i in range(len(PARTS) + 1)]
    index = PARTS.index(part)
    return slice(edges[index], edges[index + 1])


def mix_styles(styles_BLS: Tensor, others_BLS: Tensor, part: Part) -> Tensor:
    """Return ``styles_BLS`` with the layers of one part replaced by those of ``others_BLS``."""
    layers = get_layer_range(part, styles_BLS.shape[1])
    result = styles_BLS.clone()
    result[:, layers] = others_BLS[:, layers]
    return result


@torch.no_grad()
def generate_style_mixing(
    generator: StyleGenerator, rows: tuple[Tensor, Tensor], columns: tuple[Tensor, Tensor], part: Part,
    *, truncation: float = 1.0, noise_seed: int | None = None,
) -> Tensor:  # fmt: skip
    """Generate the published sheet: each row's sample with one part of its styles replaced by each column's.

    Args:
        generator: in evaluation mode.
        rows: latents ``(R, latent_dim)`` and labels ``(R,)``.
        columns: latents and labels of the C samples that supply the styles.
        part: which styles are replaced.
        truncation: psi; 1 leaves the styles unchanged.
        noise_seed: seed of the noise that all samples share; None takes the generator's fixed noise.

    Returns:
        ``((R + 1) * (C + 1), *shape)``, row by row; the first row is a blank and the columns' samples, the first
        column the rows' samples.
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
