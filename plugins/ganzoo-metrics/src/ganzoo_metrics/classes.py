"""The Frechet distance within classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from ganzoo import BadData, MetricInputs, MetricValue
from ganzoo.components.metrics import Moments, assert_labelled, frechet_distance, frechet_error, read_finite_rows


class IntraClassDistance:
    """Mean over classes of the Frechet distance between reals and fakes of one class.

    It rises when a conditional generator makes the wrong class, or one image per class, which the distance over all
    samples may miss. Classes have few samples, so the bias is large: compare equal numbers only.

    Source: Miyato & Koyama 2018, arXiv 1802.05637, section 6 (intra FID).
    """

    uses_features: ClassVar[bool] = True
    minimum_samples: ClassVar[tuple[int, int]] = (2, 2)

    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Compute ``ifd``.

        Raises:
            BadData: no labels, a class of fewer than two kept samples on a side, or features that are not finite.
            DoesNotFit: the generator takes no class labels.
        """
        assert_labelled(inputs, "ifd")
        real, fake = read_finite_rows(inputs, "ifd", self.minimum_samples)
        real_labels, fake_labels = inputs.real.labels[: len(real)], inputs.fake.labels[: len(fake)]
        self._require_two_per_class(inputs, real_labels, fake_labels)
        found = [_measure_class(real[real_labels == k], fake[fake_labels == k]) for k in range(inputs.num_classes)]
        values, errors = zip(*found, strict=True)
        known = [error for error in errors if error is not None]
        error = sum(e**2 for e in known) ** 0.5 / len(known) if len(known) == len(errors) else None
        return {"ifd": MetricValue(sum(values) / len(values), error)}

    def _require_two_per_class(self, inputs: MetricInputs, *labels: Tensor) -> None:
        for side, found in zip(("real", "generated"), labels, strict=True):
            counts = torch.bincount(found, minlength=inputs.num_classes)
            if int(counts.min()) < 2:
                few = int(counts.argmin())
                raise BadData(f"ifd needs two {side} samples of every class; class {few} has {int(counts[few])} of "
                              f"{len(found)}. Evaluate with more --samples, or leave the metric out if the data "
                              "have no more of that class.")  # fmt: skip


def _measure_class(real: Tensor, fake: Tensor) -> tuple[float, float | None]:
    moments = Moments.of(real), Moments.of(fake)
    return frechet_distance(*moments), frechet_error(*moments, fake)
