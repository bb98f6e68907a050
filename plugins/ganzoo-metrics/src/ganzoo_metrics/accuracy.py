"""Classification accuracy score: are fakes good enough to learn from?

Shapes: N samples, K classes; images are brought to a small size S.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, ClassVar, cast

import torch
from annotated_types import Ge, Gt
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, interpolate
from torch.nn.utils import skip_init

from ganzoo import BadData, MetricInputs, MetricValue, Samples
from ganzoo.components.metrics import assert_enough_samples, assert_finite, assert_labelled, proportion

BATCH = 64
WIDTH = 32


class ClassificationAccuracy:
    """Accuracy on reals of a small classifier trained on fakes: ``cas``.

    ``cas_real`` is that of the same classifier, from the same first weights, trained on as many reals: what ``cas``
    may reach. Both are asked of the same reals, which neither classifier has seen; the generator has, where
    it was trained on them, and one that knows them by heart is flattered: for another set, evaluate with ``--set
    dataset.path=...``. The classifier is ours and small (three convolutions; two layers of 128 for points), where the
    paper trains a ResNet-50, so scores compare with each other and not with the paper's. The errors are binomial over
    the reals it is asked of.

    Source: Ravuri & Vinyals 2019, arXiv 1905.10887, section 3.

    Args:
        samples: to learn from, at most; half of the reals at most, for the other half is asked.
        epochs: how often each is seen.
        resolution: S, pixels of the shorter side the classifier sees, at most.
        lr: Adam's learning rate.
    """

    uses_features: ClassVar[bool] = False
    minimum_samples: ClassVar[tuple[int, int]] = (4, 4)

    def __init__(
        self,
        *,
        samples: Annotated[int, Ge(2)] = 5000,
        epochs: Annotated[int, Ge(1)] = 10,
        resolution: Annotated[int, Ge(8)] = 32,
        lr: Annotated[float, Gt(0)] = 2e-3,
    ) -> None:
        self.samples, self.epochs, self.resolution, self.lr = samples, epochs, resolution, lr

    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Read ``cas`` and ``cas_real``.

        Raises:
            BadData: no labels, fewer than four reals or two fakes, or samples that are not finite.
            DoesNotFit: the generator is not told of classes.
        """
        assert_labelled(inputs, "cas")
        if inputs.num_classes < 2:
            raise BadData("cas needs at least two classes, and the data has one: leave it out of --metrics.")
        assert_enough_samples(inputs, "cas", self.minimum_samples)
        count = min(self.samples, len(inputs.fake), len(inputs.real) // 2)
        real, fake = self._load(inputs.real, 2 * count), self._load(inputs.fake, count)
        assert_finite(inputs, "cas", real[0], fake[0], what="values")
        asked = real[0][count:], real[1][count:]
        learnt = real[0][:count], real[1][:count]
        return {
            "cas": proportion(self._answers(inputs, fake, asked)),
            "cas_real": proportion(self._answers(inputs, learnt, asked), "neither"),
        }

    @torch.no_grad()
    def _load(self, side: Samples, count: int) -> tuple[Tensor, Tensor]:
        images = torch.cat([_small(images, self.resolution) for images, _ in side.batches(count)])
        return images, side.labels[:count].to(images.device)

    def _answers(self, inputs: MetricInputs, learnt: tuple[Tensor, Tensor], asked: tuple[Tensor, Tensor]) -> Tensor:
        """Train a fresh classifier and tell which answers are right, ``(N,)``."""
        random = inputs.make_rng("cas")
        network = _classifier(learnt[0].shape[1:], inputs.num_classes, random).to(inputs.device)
        self._train(network, learnt, random)
        network.eval()
        with torch.no_grad():
            said = torch.cat([network(part).argmax(1) for part in torch.split(asked[0], BATCH)])
        return said == asked[1]

    @torch.enable_grad()
    def _train(self, network: nn.Module, learnt: tuple[Tensor, Tensor], random: torch.Generator) -> None:
        images, labels = learnt
        whole = len(images) - (len(images) % BATCH == 1)  # batch statistics of one sample are none
        steps = self.epochs * -(-whole // BATCH)
        optimizer = torch.optim.Adam(network.parameters(), self.lr)
        rate = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for _ in range(self.epochs):
            for batch in torch.split(torch.randperm(len(images), generator=random)[:whole].to(images.device), BATCH):
                optimizer.zero_grad()
                cross_entropy(network(images[batch]), labels[batch]).backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                rate.step()


def _small(images: Tensor, resolution: int) -> Tensor:
    """Bring images to at most so many pixels, each the mean of those it stands for; points stay."""
    if images.ndim < 4 or min(images.shape[2:]) <= resolution:
        return images.float()
    scale = resolution / min(images.shape[2:])
    return interpolate(images.float(), size=[round(scale * side) for side in images.shape[2:]], mode="area")


def _classifier(shape: torch.Size, num_classes: int, random: torch.Generator) -> nn.Module:
    """Make the network with first weights drawn from the metric's own randomness; torch's own is left alone."""
    if len(shape) < 3:
        sizes = (shape.numel(), 128, 128)
        layers = [layer for a, b in pairwise(sizes) for layer in (_linear(a, b, random), nn.ReLU())]
        return nn.Sequential(nn.Flatten(), *layers, _linear(sizes[-1], num_classes, random))
    widths = (shape[0], WIDTH, 2 * WIDTH, 4 * WIDTH)
    blocks = [_block(a, b, random) for a, b in pairwise(widths)]
    return nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), _linear(widths[-1], num_classes, random))


def _block(channels: int, width: int, random: torch.Generator) -> nn.Module:
    conv = skip_init(nn.Conv2d, channels, width, 3, 2, 1, bias=False)
    return nn.Sequential(_drawn(conv, random), nn.BatchNorm2d(width), nn.ReLU())


def _linear(inputs: int, outputs: int, random: torch.Generator) -> nn.Module:
    return _drawn(skip_init(nn.Linear, inputs, outputs), random)


@torch.no_grad()
def _drawn(layer: nn.Module, random: torch.Generator) -> nn.Module:
    """Draw weights and biases as torch's layers do, uniform within one over the root of the inputs."""
    weight = cast(Tensor, layer.weight)
    reach = weight[0].numel() ** -0.5
    for values in layer.parameters():
        values.uniform_(-reach, reach, generator=random)
    return layer
