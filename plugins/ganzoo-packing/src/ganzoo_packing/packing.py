"""Packing: concatenate several samples into one, so that the discriminator sees their diversity.

Shapes: B samples, m samples per pack, C channels, H height, W width, D dimensions of a point.
"""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Le
from torch import Tensor, nn

from ganzoo import BadSetting, Rng, Shape


class Packing(nn.Module):
    """Concatenates m samples along the channels, all of them reals or all of them fakes.

    Samples of a batch are independent, so consecutive ones make a pack; the remainder of a batch is left out.

    Source: Lin et al. 2018, "PacGAN: The power of two samples in generative adversarial networks", arXiv 1712.04086,
    section 2.

    Args:
        pack: m, number of samples that the discriminator scores at once.
    """

    def __init__(self, *, pack: Annotated[int, Ge(2), Le(8)] = 2) -> None:
        super().__init__()
        self.pack = pack

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of a pack: ``(m * C, H, W)``, or ``(m * D,)``."""
        return (self.pack * shape[0], *shape[1:])

    def forward(self, images: Tensor, rng: Rng) -> Tensor:
        """Map ``(B, C, H, W)`` to ``(B // m, m * C, H, W)``, ``(B, D)`` to ``(B // m, m * D)``.

        Raises:
            BadSetting: the batch has fewer than m samples.
        """
        packs = len(images) // self.pack
        if not packs:
            raise BadSetting(
                f"augmentation.packing.pack = {self.pack}, but a batch has {len(images)} samples. "
                "Raise run.batch_size or lower the pack."
            )
        return images[: packs * self.pack].reshape(packs, *self.output_shape(tuple(images.shape[1:])))
