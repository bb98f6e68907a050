"""Classification accuracy score: train a classifier on fakes, test it on reals.

Shapes: N samples, K classes; images are downsampled to a small size S.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, ClassVar, TypeAlias

import torch
from annotated_types import Ge, Gt
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, interpolate
from torch.nn.utils import skip_init

from ganzoo import BadData, MetricInputs, MetricValue, Samples
from ganzoo.components.metrics import assert_enough_samples, assert_finite, assert_labelled, proportion

Labelled: TypeAlias = tuple[Tensor, Tensor]

BATCH = 64
WIDTH = 32


class ClassificationAccuracy:
    """Accuracy on reals of a small classifier that is trained on fakes: ``cas``.

    ``cas_real`` is the accuracy of the same classifier, with the same initial weights, trained on as many reals: an
    upper bound in practice. Both are tested on the same reals, which neither classifier was trained on. The generator
    may have been, so a generator that memorises scores too well: use other data with ``--set dataset.path=...``. The
    classifier is small (three convolutions; two layers of 128 for points), where the paper trains a ResNet-50, so
    compare scores with each other only. The errors are binomial over the test samples.

    Source: Ravuri & Vinyals 2019, arXiv 1905.10887, section 3.

    Args:
        samples: most training samples, limited to half of the reals; the next ones are for the test.
        epochs: passes over the training samples.
        resolution: S, pixels of the shorter side of the classifier's images, at most.
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
        """Compute ``cas`` and ``cas_real``.

        Raises:
            BadData: no labels, fewer than four reals or two fakes, or samples that are not finite.
            DoesNotFit: the generator takes no class labels.
        """
        assert_labelled(inputs, "cas")
        if inputs.num_classes < 2:
            raise BadData("cas needs at least two classes, and the data has one: leave it out of --metrics.")
        assert_enough_samples(inputs, "cas", self.minimum_samples)
        count = min(self.samples, len(inputs.fake), len(inputs.real) // 2)
        real, fake = self._load(inputs.real, 2 * count), self._load(inputs.fake, count)
        assert_finite(inputs, "cas", real[0], fake[0], what="values")
        test = real[0][count:], real[1][count:]
        train = real[0][:count], real[1][:count]
        return {
            "cas": proportion(self._test_classifier(inputs, fake, test)),
            "cas_real": proportion(self._test_classifier(inputs, train, test), "neither"),
        }

    @torch.no_grad()
    def _load(self, side: Samples, count: int) -> Labelled:
        images = torch.cat([_downsample(images, self.resolution) for images, _ in side.batches(count)])
        return images, side.labels[:count].to(images.device)

    def _test_classifier(self, inputs: MetricInputs, train: Labelled, test: Labelled) -> Tensor:
        """Train a new classifier and return which predictions are right, ``(N,)``."""
        rng = inputs.make_rng("cas")
        network = _make_classifier(train[0].shape[1:], inputs.num_classes, rng).to(inputs.device)
        self._train(network, train, rng)
        network.eval()
        with torch.no_grad():
            predicted = torch.cat([network(batch).argmax(1) for batch in torch.split(test[0], BATCH)])
        return predicted == test[1]

    @torch.enable_grad()
    def _train(self, network: nn.Module, train: Labelled, rng: torch.Generator) -> None:
        images, labels = train
        whole = len(images) - (len(images) % BATCH == 1)  # a batch of one has no statistics
        steps = self.epochs * -(-whole // BATCH)
        optimizer = torch.optim.Adam(network.parameters(), self.lr)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for _ in range(self.epochs):
            for batch in torch.split(torch.randperm(len(images), generator=rng)[:whole].to(images.device), BATCH):
                optimizer.zero_grad()
                cross_entropy(network(images[batch]), labels[batch]).backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                schedule.step()


def _downsample(images: Tensor, resolution: int) -> Tensor:
    """Downsample images to at most this resolution by averaging pixels; points stay."""
    if images.ndim < 4 or min(images.shape[2:]) <= resolution:
        return images.float()
    scale = resolution / min(images.shape[2:])
    return interpolate(images.float(), size=[round(scale * side) for side in images.shape[2:]], mode="area")


def _make_classifier(shape: torch.Size, num_classes: int, rng: torch.Generator) -> nn.Module:
    """Make the classifier with weights from the metric's own rng; torch's global one stays untouched."""
    if len(shape) < 3:
        sizes = (shape.numel(), 128, 128)
        layers = [layer for a, b in pairwise(sizes) for layer in (_make_linear(a, b, rng), nn.ReLU())]
        return nn.Sequential(nn.Flatten(), *layers, _make_linear(sizes[-1], num_classes, rng))
    widths = (shape[0], WIDTH, 2 * WIDTH, 4 * WIDTH)
    blocks = [_make_block(a, b, rng) for a, b in pairwise(widths)]
    return nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), _make_linear(widths[-1], num_classes, rng))


def _make_block(channels: int, width: int, rng: torch.Generator) -> nn.Module:
    conv = skip_init(nn.Conv2d, channels, width, 3, 2, 1, bias=False)
    return nn.Sequential(_initialise(conv, rng), nn.BatchNorm2d(width), nn.ReLU())


def _make_linear(inputs: int, outputs: int, rng: torch.Generator) -> nn.Module:
    return _initialise(skip_init(nn.Linear, inputs, outputs), rng)


@torch.no_grad()
def _initialise(layer: nn.Module, rng: torch.Generator) -> nn.Module:
    """Draw weights and biases like torch, uniform within one over the root of the number of inputs."""
    limit = next(layer.parameters())[0].numel() ** -0.5
    for values in layer.parameters():
        values.uniform_(-limit, limit, generator=rng)
    return layer
