"""Evaluates any number of generators with one metric suite on one data set; features of reals are computed once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import version
from typing import Any, cast

import torch
from torch import Tensor, nn

from ganzoo.components.metrics.requirements import assert_sample_counts
from ganzoo.config.plugin_errors import plugin_errors
from ganzoo.errors import BadData, BadRun, BadSetting, Diverged, GanzooError
from ganzoo.evaluation.inputs.labels import label_source
from ganzoo.evaluation.inputs.metric_inputs import EvaluatorInputs, Picture, WithoutFeatures
from ganzoo.evaluation.inputs.samples import FeatureView, GeneratedSamples, Progress, RealSamples, silent
from ganzoo.evaluation.metric_suite import MetricSuite
from ganzoo.evaluation.protocol import EvaluationProtocol
from ganzoo.interfaces.capabilities import HasMetadata, MinimumSamples
from ganzoo.interfaces.data import Dataset
from ganzoo.interfaces.measurement import Metric, MetricInputs, MetricValue, Samples
from ganzoo.interfaces.networks import Generator
from ganzoo.registry.loader import CORE

SAMPLES = 10_000
"""Default number of fakes; at most as many as there are reals."""

ROWS = 10_000
"""At most so many samples of each side keep their features row by row; moments are computed over all."""


@dataclass(frozen=True)
class EvaluationConfig:
    """Size and seed of an evaluation.

    Args:
        samples: number of fakes, and of reals if there are as many; None for ``SAMPLES``.
        seed: of the fakes, of the subset of reals and of the metrics' random numbers.
        rows: at most so many samples of each side keep their features row by row.
    """

    samples: int | None = None
    seed: int = 0
    rows: int = ROWS


@dataclass(frozen=True)
class EvaluationResult:
    """The metrics of one generator.

    Args:
        values: by metric and name.
        pictures: sample sheets of the metrics, by name.
        seconds: duration.
        refused: the reason, by metric that refused its inputs.
    """

    values: Mapping[str, Mapping[str, MetricValue]]
    pictures: Mapping[str, Picture]
    seconds: float
    refused: Mapping[str, GanzooError] = field(default_factory=dict)


class Evaluator:
    """Metrics, features and reals, ready for generators.

    Args:
        suite: metrics and features.
        dataset: the reals.
        config: size and seed.
        device: where everything is computed.
        progress: receives the progress of passes over samples.

    Raises:
        BadData: fewer than two reals.
        BadSetting: fewer than two fakes.
    """

    def __init__(
        self,
        suite: MetricSuite,
        dataset: Dataset,
        config: EvaluationConfig,
        *,
        device: torch.device,
        progress: Progress = silent,
    ) -> None:
        self.suite, self.dataset, self.device, self._config = suite, dataset, device, config
        if len(dataset) < 2:
            raise BadData(f"the data set has {len(dataset)} samples: at least 2 reals are needed to compare with.")
        self._fakes = min(SAMPLES, len(dataset)) if config.samples is None else config.samples
        if self._fakes < 2:
            raise BadSetting(f"--samples {self._fakes}: at least 2 are needed, better thousands.")
        self._metrics = suite.built()
        assert_enough_samples(self._metrics, dataset, self._fakes)
        features = suite.features_for(dataset.shape)
        if isinstance(features, nn.Module):
            features.to(device)
        self._view = FeatureView(features, config.rows, device, progress, str(suite.features.origin))
        self._real = RealSamples(dataset, self._fakes, config.seed, self._view)
        self.protocol = self._build_protocol()

    def evaluate(self, generator: nn.Module, *, conditional: bool, skip_refusals: bool = False) -> EvaluationResult:
        """Compute every metric of a generator; torch's random state is left as it was.

        Args:
            generator: in evaluation mode, on the evaluator's device, without gradients.
            conditional: whether it takes class labels; they are drawn from the data's class frequencies.
            skip_refusals: a metric that refuses its inputs goes to ``refused`` and the others are computed.

        Raises:
            GanzooError: a metric refuses its inputs, or with ``skip_refusals`` all do; or samples are not finite.
        """
        start, refused = time.monotonic(), dict[str, GanzooError]()
        inputs = self._inputs(generator, conditional)
        values: dict[str, dict[str, MetricValue]] = {}
        with _full_precision(self.device):
            for name, chosen in self.suite.metrics.items():
                try:
                    with plugin_errors((chosen.entry, self.suite.features.entry), called=chosen.entry):
                        values[name] = dict(self._metrics[name](cast(MetricInputs, self._inputs_for(name, inputs))))
                except (BadRun, Diverged):  # not the metric's fault
                    raise
                except GanzooError as error:
                    if not skip_refusals:
                        raise
                    refused[name] = error
        if refused and not values:
            raise next(iter(refused.values()))
        return EvaluationResult(values, inputs.pictures, time.monotonic() - start, refused)

    def _inputs(self, generator: nn.Module, conditional: bool) -> EvaluatorInputs:
        labels = self._classes if conditional else torch.zeros(self._fakes, dtype=torch.int64)
        fake = GeneratedSamples(generator, labels, self.dataset.shape, self._config.seed, self._view)
        return EvaluatorInputs(
            cast(Samples, self._real), cast(Samples, fake), self._view.features, self.dataset,
            cast(Generator, generator), conditional, self.device, self._config.seed,
        )  # fmt: skip

    @cached_property
    def _classes(self) -> Tensor:
        return self._real.classes_for(self._fakes)

    def _inputs_for(self, name: str, inputs: EvaluatorInputs) -> EvaluatorInputs:
        """Hide features from a metric that declares to use none: its protocol does not name them."""
        if self._metrics[name].uses_features:
            return inputs
        real, fake = (cast(Samples, WithoutFeatures(side, name)) for side in (inputs.real, inputs.fake))
        return replace(inputs, real=real, fake=fake)

    def _facts(self, name: str) -> dict[str, Any]:
        """Return what a metric's values depend on besides its settings."""
        metric = self._metrics[name]
        return dict(metric.metadata(self.dataset, self.device)) if isinstance(metric, HasMetadata) else {}

    def _labels(self) -> dict[str, Any]:
        named = self.dataset.num_classes > 0
        return {"labels": label_source(self.dataset, len(self._real), self._fakes)} if named else {}

    def _build_protocol(self) -> EvaluationProtocol:
        features, extractor = self._view.features, self.suite.features
        return EvaluationProtocol(
            data={"fingerprint": self.dataset.fingerprint(), "shape": list(self.dataset.shape)},
            features={
                "name": features.name, "hash": features.fingerprint(), "resizer": features.resizer,
                "origin": extractor.origin,
            },
            samples={
                "reals": len(self._real), "fakes": self._fakes, "rows": self._config.rows, "seed": self._config.seed,
                "rounding": "8 bits" if len(self.dataset.shape) == 3 else "none",
            } | self._labels(),
            metrics={
                name: {
                    "uses_features": self._metrics[name].uses_features,
                    "settings": _plain(metric.settings) | self._facts(name),
                    "origin": metric.origin,
                }
                for name, metric in self.suite.metrics.items()
            },
            ganzoo=version(CORE),
        )  # fmt: skip


def assert_enough_samples(metrics: Mapping[str, Metric], dataset: Dataset, fakes: int) -> None:
    """Refuse too few samples for a metric.

    Args:
        metrics: by name.
        dataset: the reals.
        fakes: number of fakes, and of reals if there are as many.

    Raises:
        BadData: names the metric and how many samples it needs.
    """
    for name, metric in metrics.items():
        if isinstance(metric, MinimumSamples):
            assert_sample_counts(name, metric.minimum_samples, (min(fakes, len(dataset)), fakes))


@contextmanager
def _full_precision(device: torch.device) -> Iterator[None]:
    """Compute in full float32; restore the random state and precision afterwards."""
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32
    try:
        matmul.allow_tf32 = cudnn.allow_tf32 = False
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            yield
    finally:
        matmul.allow_tf32, cudnn.allow_tf32 = before


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in settings.items()}
