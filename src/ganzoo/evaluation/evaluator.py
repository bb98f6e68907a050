"""One ruler over one data set: reads any number of generators, the reals looked at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from ganzoo.evaluation.inputs import EvaluatorInputs, Picture, WithoutFeatures
from ganzoo.evaluation.labels import label_source
from ganzoo.evaluation.metric_suite import MetricSuite
from ganzoo.evaluation.offline_inputs import ASIDE, BESIDE, FeaturesAlone, features_alone, fits, samples_alone
from ganzoo.evaluation.protocol import EvaluationProtocol
from ganzoo.evaluation.samples import FeatureView, GeneratedSamples, Progress, RealSamples, silent
from ganzoo.interfaces.capabilities import HasMetadata, MinimumSamples
from ganzoo.interfaces.data import Dataset
from ganzoo.interfaces.measurement import Metric, MetricInputs, MetricValue, Samples
from ganzoo.interfaces.networks import Generator
from ganzoo.registry.loader import CORE
from ganzoo.registry.specs import Component

SAMPLES = 10_000
"""Fakes made unless somebody says otherwise; as many as there are reals where these are fewer."""

ROWS = 10_000
"""Samples of each side whose features metrics see one by one; moments are taken over all."""


@dataclass(frozen=True)
class EvaluationConfig:
    """How much is looked at.

    Args:
        samples: fakes made, and reals taken if there are as many; None for ``SAMPLES``.
        seed: of the fakes, of the subset of reals and of what metrics draw.
        rows: samples of each side whose features are kept one by one.
    """

    samples: int | None = None
    seed: int = 0
    rows: int = ROWS


@dataclass(frozen=True)
class EvaluationResult:
    """What metrics read off one generator.

    Args:
        values: by metric and name.
        pictures: sheets the metrics left, by name.
        seconds: how long it took.
        refused: why there are no readings, by the metric that refused its evidence.
    """

    values: Mapping[str, Mapping[str, MetricValue]]
    pictures: Mapping[str, Picture]
    seconds: float
    refused: Mapping[str, GanzooError] = field(default_factory=dict)


class Evaluator:
    """Metrics, features and reals, ready for generators.

    Args:
        ruler: what is measured with.
        dataset: the reals.
        config: how much is looked at.
        device: where everything happens.
        progress: told how far a pass over samples has come.

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
        self.protocol = self._stamped()

    def examine(self, generator: nn.Module, *, conditional: bool) -> EvaluationResult:
        """Read every metric off a generator; the state of torch's randomness is left as it was.

        Args:
            generator: in evaluation mode, on the examiner's device, its gradients off.
            conditional: whether it is told of classes; they are then drawn as the data draw theirs.

        Raises:
            GanzooError: a metric refuses the evidence, or the samples are not finite.
        """
        start = time.monotonic()
        exhibits = self._exhibits(generator, conditional)
        with _undisturbed(self.device):
            readings = self._read(list(self._metrics), exhibits)
        return EvaluationResult(readings, exhibits.pictures, time.monotonic() - start)

    def look(self, generator: nn.Module, *, conditional: bool) -> Callable[[], EvaluationResult]:
        """Do of ``examine`` what takes the generator or the device, and return the rest.

        The rest is the arithmetic of the metrics that look at features alone, or at samples there is room for. It
        touches no global state, so it may be called in another thread, while the generator trains on. A metric that
        refuses its evidence takes nothing from the others: it is among ``refused``. Where all refuse, the rest raises
        what the first said.
        """
        start, refused = time.monotonic(), dict[str, GanzooError]()
        exhibits = self._exhibits(generator, conditional)
        seen, shown = self._that_provide(ASIDE), self._that_provide(BESIDE) if fits(exhibits) else []
        with _undisturbed(self.device):
            found = self._read([name for name in self._metrics if name not in (*seen, *shown)], exhibits, refused)
            left = features_alone(exhibits) if seen else None
            uses_features = any(self._metrics[name].uses_features for name in shown)
            laid = samples_alone(exhibits, uses_features=uses_features) if shown else None
        looked = time.monotonic() - start

        def finish() -> EvaluationResult:
            begun = time.monotonic()
            readings = found | self._read(seen, left, refused) | self._read(shown, laid, refused)
            if refused and not readings:
                raise next(iter(refused.values()))
            ordered = {name: readings[name] for name in self._metrics if name in readings}
            return EvaluationResult(ordered, exhibits.pictures, looked + time.monotonic() - begun, refused)

        return finish

    def _that_provide(self, capability: str) -> list[str]:
        """Name the metrics that declare to look at no more than that."""
        records = {name: chosen.entry.record for name, chosen in self.suite.metrics.items()}
        return [name for name, record in records.items()
                if isinstance(record, Component) and capability in record.provides]  # fmt: skip

    def _exhibits(self, generator: nn.Module, conditional: bool) -> EvaluatorInputs:
        labels = self._classes if conditional else torch.zeros(self._fakes, dtype=torch.int64)
        fake = GeneratedSamples(generator, labels, self.dataset.shape, self._config.seed, self._view)
        return EvaluatorInputs(
            cast(Samples, self._real), cast(Samples, fake), self._view.features, self.dataset,
            cast(Generator, generator), conditional, self.device, self._config.seed,
        )  # fmt: skip

    @cached_property
    def _classes(self) -> Tensor:
        return self._real.classes_for(self._fakes)

    def _read(
        self,
        names: Sequence[str],
        inputs: EvaluatorInputs | FeaturesAlone | None,
        refused: dict[str, GanzooError] | None = None,
    ) -> dict[str, dict[str, MetricValue]]:
        """Ask metrics; those that refuse are noted in ``refused``, where that is given."""
        found = {}
        for name in names:
            metric = self.suite.metrics[name].entry
            try:
                with plugin_errors((metric, self.suite.features.entry), called=metric):
                    found[name] = dict(self._metrics[name](self._shown(name, cast(MetricInputs, inputs))))
            except (BadRun, Diverged):  # no metric is to blame
                raise
            except GanzooError as error:
                if refused is None:
                    raise
                refused[name] = error
        return found

    def _shown(self, name: str, inputs: MetricInputs) -> MetricInputs:
        """Let a metric see features only if it says so, since that is what its stamp says."""
        if self._metrics[name].uses_features:
            return inputs
        sides = {side: WithoutFeatures(getattr(inputs, side), name) for side in ("real", "fake")}
        return cast(MetricInputs, replace(cast(Any, inputs), **sides))

    def _facts(self, name: str) -> dict[str, Any]:
        """What a metric's readings depend on beside its settings."""
        metric = self._metrics[name]
        return dict(metric.metadata(self.dataset, self.device)) if isinstance(metric, HasMetadata) else {}

    def _labels(self) -> dict[str, Any]:
        named = self.dataset.num_classes > 0
        return {"labels": label_source(self.dataset, len(self._real), self._fakes)} if named else {}

    def _stamped(self) -> EvaluationProtocol:
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
    """Refuse numbers of samples that some metric cannot read from.

    Args:
        metrics: by name.
        dataset: the reals.
        fakes: how many they would be shown, and reals if there are as many.

    Raises:
        BadData: they are too few for one; says how many would do.
    """
    for name, metric in metrics.items():
        if isinstance(metric, MinimumSamples):
            assert_sample_counts(name, metric.minimum_samples, (min(fakes, len(dataset)), fakes))


@contextmanager
def _undisturbed(device: torch.device) -> Iterator[None]:
    """Compute in full float32, and put randomness and precision back as they were found."""
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
