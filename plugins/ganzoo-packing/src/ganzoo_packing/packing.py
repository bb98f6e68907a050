"""Packing: several samples side by side as one, so that the discriminator sees how a whole handful is spread.

Shapes: B samples, m samples a pack, C channels, H height, W width, D dimensions of a point.
"""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Le
from torch import Tensor, nn

from ganzoo import BadSetting, Rng, Shape


class Packing(nn.Module):
    """Packs m samples into one along the channels, all of them reals or all of them fakes.

    Samples of one batch are drawn independently, so those that follow one another make a pack; what m does not divide
    is left out.

    Source: Lin et al. 2018, "PacGAN: The power of two samples in generative adversarial networks", arXiv 1712.04086,
    section 2.

    Args:
        pack: m, samples the discriminator classifiers at once.
    """

    def __init__(self, *, pack: Annotated[int, Ge(2), Le(8)] = 2) -> None:
        super().__init__()
        self.pack = pack

    def output_shape(self, shape: Shape) -> Shape:
        """Tell the shape of a pack: ``(m * C, H, W)``, or ``(m * D,)``."""
        return (self.pack * shape[0], *shape[1:])

    def forward(self, images: Tensor, rng: Rng) -> Tensor:
        """Map ``(B, C, H, W)`` to ``(B // m, m * C, H, W)``, ``(B, D)`` to ``(B // m, m * D)``.

        Raises:
            BadSetting: there are fewer than m samples.
        """
        packs = len(images) // self.pack
        if not packs:
            raise BadSetting(
                f"augmentation.packing.pack = {self.pack}, but a batch holds {len(images)}. "
                "Raise run.batch_size or lower the pack."
            )
        return images[: packs * self.pack].reshape(packs, *self.output_shape(tuple(images.shape[1:])))
