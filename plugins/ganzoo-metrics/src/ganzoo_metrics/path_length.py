"""Perceptual path length: how far an image moves, as seen by features, for a small step in latent space.

Shapes: B paths, Z latent dimensions, L styles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, ClassVar, cast

import torch
from annotated_types import Ge, Gt
from torch import Tensor

from ganzoo import DoesNotFit, MetricInputs, MetricValue, StyleGenerator
from ganzoo.components.metrics import assert_finite
from ganzoo_metrics.perceptual import perceptual_distance

BATCH = 32
CUT = 0.01
"""Share of the lengths left out at either end."""


class PathLength:
    """Squared perceptual speed along random paths: small where the latent space is smooth.

    ``ppl_z`` walks on great arcs between latents; ``ppl_w``, of a generator with styles, on lines between styles. Paths
    whose length lies outside the 1st and 99th percentile are left out, as published. Both ends have the same class. The
    mean takes the distance of ``perceptual_distance``, so that lengths compare only with the same features.

    Source: Karras et al. 2019, arXiv 1812.04948, equations 2 and 3, which take 100,000 paths.

    Args:
        paths: how many.
        epsilon: length of the step, as a share of the path.
    """

    uses_features: ClassVar[bool] = True

    def __init__(self, *, paths: Annotated[int, Ge(100)] = 2000, epsilon: Annotated[float, Gt(0)] = 1e-4) -> None:
        self.paths, self.epsilon = paths, epsilon

    @torch.no_grad()
    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Read ``ppl_z``, and ``ppl_w`` of a generator with styles.

        Raises:
            DoesNotFit: the generator has no latents.
            BadData: lengths that are not finite.
        """
        if getattr(inputs.generator, "latent_dim", 0) < 1:
            raise DoesNotFit("ppl needs a generator of latents, and this one has none: leave it out of --metrics.")
        found = {"ppl_z": self._read(inputs, _along_arcs)}
        if hasattr(inputs.generator, "mapping") and hasattr(inputs.generator, "synthesis"):
            found["ppl_w"] = self._read(inputs, _along_lines)
        return found

    def _read(self, inputs: MetricInputs, walk: Walk) -> MetricValue:
        random = inputs.make_rng("ppl")
        with _exact():
            lengths = torch.cat([
                self._lengths(inputs, walk, min(BATCH, self.paths - start), random)
                for start in range(0, self.paths, BATCH)
            ])  # fmt: skip
        assert_finite(inputs, "ppl", torch.zeros(1), lengths)
        return MetricValue(*trimmed(lengths))

    def _lengths(self, inputs: MetricInputs, walk: Walk, count: int, random: torch.Generator) -> Tensor:
        ends = torch.randn(2, count, inputs.generator.latent_dim, generator=random).to(inputs.device)
        t = torch.rand(count, 1, generator=random).to(inputs.device)
        label = torch.randint(len(inputs.fake.labels), (count,), generator=random)
        path = walk(inputs, ends, inputs.fake.labels[label].to(inputs.device))
        distance = perceptual_distance(inputs.features, path(t), path(t + self.epsilon))
        return (distance / self.epsilon**2).cpu().double()  # eq. 2 and 3


Walk = Callable[[MetricInputs, Tensor, Tensor], Callable[[Tensor], Tensor]]
"""From evidence, both ends ``(2, B, Z)`` and labels ``(B,)`` to the images at t ``(B, 1)``."""


def trimmed(lengths: Tensor) -> tuple[float, float]:
    """Take the mean of what lies between the 1st and the 99th percentile, and its standard error.

    The error takes the deviation of the values drawn in to the percentiles, not of those left (Tukey & McLaughlin 1963,
    "Less Vulnerable Confidence and Significance Procedures for Location").

    Args:
        lengths: ``(N,)`` float64, N at least 100.
    """
    low, high = lengths.quantile(torch.tensor([CUT, 1 - CUT]).to(lengths))
    kept = lengths[(lengths >= low) & (lengths <= high)]
    error = lengths.clamp(low, high).std() / ((1 - 2 * CUT) * len(lengths) ** 0.5)
    return float(kept.mean()), float(error)


def slerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """Go from a to b by the share t of the angle between them (Shoemake 1985).

    Args:
        a: ``(B, Z)``.
        b: ``(B, Z)``.
        t: ``(B, 1)``.
    """
    cosine = (a * b).sum(1, keepdim=True) / (a.norm(dim=1, keepdim=True) * b.norm(dim=1, keepdim=True))
    angle = cosine.clamp(-1, 1).acos()
    near = angle.sin() < 1e-6  # parallel, as all latents of one dimension: the arc is a line
    sine = torch.where(near, 1, angle.sin())
    arc = ((1 - t) * angle).sin() / sine * a + (t * angle).sin() / sine * b
    return torch.where(near, torch.lerp(a, b, t), arc)


def _along_arcs(inputs: MetricInputs, ends: Tensor, labels: Tensor) -> Callable[[Tensor], Tensor]:
    a, b = ends.cpu().double()  # float32 angles would lose a step of 1e-4
    return lambda t: inputs.generator(slerp(a, b, t.cpu().double()).float().to(t.device), labels)


def _along_lines(inputs: MetricInputs, ends: Tensor, labels: Tensor) -> Callable[[Tensor], Tensor]:
    generator = cast(StyleGenerator, inputs.generator)
    a, b = (generator.mapping(z, labels) for z in ends)
    return lambda t: generator.synthesis(torch.lerp(a, b, t[:, :, None]))


@contextmanager
def _exact() -> Iterator[None]:
    """Forbid TF32, whose rounding is larger than what a step changes."""
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before
