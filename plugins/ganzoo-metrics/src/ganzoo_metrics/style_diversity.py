"""Diversity of styles for one content: perceptual distances of samples that share some of their styles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, cast

import torch
from annotated_types import Ge
from torch import Tensor

from ganzoo import MetricInputs, MetricValue, StyleGenerator
from ganzoo.components.metrics import assert_finite
from ganzoo.sampling import mix_styles
from ganzoo_metrics.perceptual import perceptual_distance

BATCH = 32


class StyleDiversity:
    """Mean perceptual distance between two samples that share only their coarse styles.

    The coarse third of the layers is the content, the rest the style, as in style mixing (Karras et al. 2019, arXiv
    1812.04948, section 3.1). ``content_diversity`` is that of pairs that differ only in the coarse styles, and
    ``style_share`` the share of the style in their sum: 0 where the fine layers have no effect. All samples have the
    same noise.

    Source: the measure of Zhu et al. 2017, arXiv 1711.11586, section 5, within one content, as for translation.

    Args:
        pairs: number of pairs of each kind.
    """

    uses_features: ClassVar[bool] = True

    def __init__(self, *, pairs: Annotated[int, Ge(2)] = 500) -> None:
        self.pairs = pairs

    @torch.no_grad()
    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Compute ``style_diversity``, ``content_diversity`` and ``style_share``.

        Raises:
            BadData: features that are not finite.
        """
        found = [torch.cat(parts).double() for parts in zip(*self._measure_distances(inputs), strict=True)]
        assert_finite(inputs, "style-diversity", *found)
        style, content = (_average(values) for values in found)
        total = style.value + content.value
        share = MetricValue(style.value / total if total else 0.0, better="neither")
        return {"style_diversity": style, "content_diversity": content, "style_share": share}

    def _measure_distances(self, inputs: MetricInputs) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield distances by batch: of pairs that differ in style, and of pairs that differ in content."""
        generator, rng = cast(StyleGenerator, inputs.generator), inputs.make_rng("style-diversity")
        labels = inputs.fake.labels
        for start in range(0, self.pairs, BATCH):
            count = min(BATCH, self.pairs - start)
            classes = labels[torch.arange(start, start + count) % len(labels)].to(inputs.device)
            one, other = (_draw_styles(generator, classes, rng, inputs.device) for _ in range(2))
            restyled, refilled = mix_styles(other, one, "coarse"), mix_styles(one, other, "coarse")
            images = [generator.synthesis(styles).float() for styles in (one, restyled, refilled)]
            yield tuple(perceptual_distance(inputs.features, images[0], image).cpu() for image in images[1:])  # type: ignore[misc]


def _draw_styles(generator: StyleGenerator, labels: Tensor, rng: torch.Generator, device: torch.device) -> Tensor:
    latents = torch.randn(len(labels), generator.latent_dim, generator=rng)
    return generator.mapping(latents.to(device), labels)


def _average(values: Tensor) -> MetricValue:
    return MetricValue(float(values.mean()), float(values.std()) / len(values) ** 0.5, "higher")
