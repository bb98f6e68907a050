"""Perceptual path length: the change of an image's features for a small step in latent space.

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
"""Share of the lengths that is left out at each end."""


class PathLength:
    """Mean squared perceptual speed along random paths: small where the latent space is smooth.

    ``ppl_z`` follows great arcs between latents; ``ppl_w``, of a generator with styles, lines between styles. Lengths
    outside the 1st and 99th percentile are left out, as published. Both ends have the same class. The distance is
    ``perceptual_distance``, so compare lengths only with the same features.

    Source: Karras et al. 2019, arXiv 1812.04948, equations 2 and 3, which take 100,000 paths.

    Args:
        paths: number of paths.
        epsilon: length of the step, as a share of the path.
    """

    uses_features: ClassVar[bool] = True

    def __init__(self, *, paths: Annotated[int, Ge(100)] = 2000, epsilon: Annotated[float, Gt(0)] = 1e-4) -> None:
        self.paths, self.epsilon = paths, epsilon

    @torch.no_grad()
    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Compute ``ppl_z``, and ``ppl_w`` of a generator with styles.

        Raises:
            DoesNotFit: the generator takes no latents.
            BadData: lengths that are not finite.
        """
        if getattr(inputs.generator, "latent_dim", 0) < 1:
            raise DoesNotFit("ppl needs a generator that takes latents, and this one takes none: leave it out of "
                             "--metrics.")  # fmt: skip
        found = {"ppl_z": self._measure(inputs, _walk_arcs)}
        if hasattr(inputs.generator, "mapping") and hasattr(inputs.generator, "synthesis"):
            found["ppl_w"] = self._measure(inputs, _walk_lines)
        return found

    def _measure(self, inputs: MetricInputs, walk: Walk) -> MetricValue:
        rng = inputs.make_rng("ppl")
        with _disable_tf32():
            lengths = torch.cat([
                self._lengths(inputs, walk, min(BATCH, self.paths - start), rng)
                for start in range(0, self.paths, BATCH)
            ])  # fmt: skip
        assert_finite(inputs, "ppl", torch.zeros(1), lengths)
        return MetricValue(*average_trimmed(lengths))

    def _lengths(self, inputs: MetricInputs, walk: Walk, count: int, rng: torch.Generator) -> Tensor:
        ends = torch.randn(2, count, inputs.generator.latent_dim, generator=rng).to(inputs.device)
        t = torch.rand(count, 1, generator=rng).to(inputs.device)
        label = torch.randint(len(inputs.fake.labels), (count,), generator=rng)
        path = walk(inputs, ends, inputs.fake.labels[label].to(inputs.device))
        distance = perceptual_distance(inputs.features, path(t), path(t + self.epsilon))
        return (distance / self.epsilon**2).cpu().double()  # eq. 2 and 3


Walk = Callable[[MetricInputs, Tensor, Tensor], Callable[[Tensor], Tensor]]
"""Map the inputs, both ends ``(2, B, Z)`` and labels ``(B,)`` to a function from t ``(B, 1)`` to images."""


def average_trimmed(lengths: Tensor) -> tuple[float, float]:
    """Return the mean of the values between the 1st and the 99th percentile, and its standard error.

    The error uses the standard deviation of the values clamped to the percentiles (Tukey & McLaughlin 1963, "Less
    Vulnerable Confidence and Significance Procedures for Location").

    Args:
        lengths: ``(N,)`` float64, N at least 100.
    """
    low, high = lengths.quantile(torch.tensor([CUT, 1 - CUT]).to(lengths))
    kept = lengths[(lengths >= low) & (lengths <= high)]
    error = lengths.clamp(low, high).std() / ((1 - 2 * CUT) * len(lengths) ** 0.5)
    return float(kept.mean()), float(error)


def slerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """Interpolate spherically from a to b by the share t of their angle (Shoemake 1985).

    Args:
        a: ``(B, Z)``.
        b: ``(B, Z)``.
        t: ``(B, 1)``.
    """
    cosine = (a * b).sum(1, keepdim=True) / (a.norm(dim=1, keepdim=True) * b.norm(dim=1, keepdim=True))
    angle = cosine.clamp(-1, 1).acos()
    parallel = angle.sin() < 1e-6  # such as all latents of one dimension: the arc is a line
    sine = torch.where(parallel, 1, angle.sin())
    arc = ((1 - t) * angle).sin() / sine * a + (t * angle).sin() / sine * b
    return torch.where(parallel, torch.lerp(a, b, t), arc)


def _walk_arcs(inputs: MetricInputs, ends: Tensor, labels: Tensor) -> Callable[[Tensor], Tensor]:
    a, b = ends.cpu().double()  # float32 angles would lose a step of 1e-4
    return lambda t: inputs.generator(slerp(a, b, t.cpu().double()).float().to(t.device), labels)


def _walk_lines(inputs: MetricInputs, ends: Tensor, labels: Tensor) -> Callable[[Tensor], Tensor]:
    generator = cast(StyleGenerator, inputs.generator)
    a, b = (generator.mapping(z, labels) for z in ends)
    return lambda t: generator.synthesis(torch.lerp(a, b, t[:, :, None]))


@contextmanager
def _disable_tf32() -> Iterator[None]:
    """Disable TF32, whose rounding errors exceed the change of a step."""
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before
