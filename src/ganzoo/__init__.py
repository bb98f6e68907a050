"""ganzoo: a zoo of GANs made of plugins.

``ganzoo.train("dcgan", loss="wgan-gp", images=50_000)`` trains, ``ganzoo.load(path).sample(seeds=range(16))`` samples.
Everything a plugin author needs is here too: records and the hook, errors, protocols, and the records that components
exchange. Building blocks are in ``ganzoo.nn``, ``ganzoo.components.metrics`` and ``ganzoo.sampling``. Names are
imported when they are first used, so that ``import ganzoo`` does not import torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganzoo.api import Run, load, train
    from ganzoo.errors import (
        BadComponent,
        BadData,
        BadRun,
        BadSetting,
        Diverged,
        DoesNotFit,
        GanzooError,
        PluginError,
        UnknownName,
    )
    from ganzoo.interfaces.capabilities import (
        Adaptive,
        HasMetadata,
        HasMidpoint,
        Logs,
        MinimumSamples,
        Packs,
        Resamplable,
        RunLengthAware,
    )
    from ganzoo.interfaces.data import Batch, Dataset, Rng
    from ganzoo.interfaces.losses import Loss, ScoredSamples, Side, Term, TermContext
    from ganzoo.interfaces.measurement import (
        Direction,
        Features,
        Gaussian,
        Metric,
        MetricInputs,
        MetricValue,
        Samples,
    )
    from ganzoo.interfaces.networks import (
        Augmentation,
        Conditioning,
        Constraint,
        Discriminator,
        DiscriminatorOutput,
        Generator,
        StyleGenerator,
    )
    from ganzoo.interfaces.training import Phase, Schedule, Trainer
    from ganzoo.registry.hooks import hookimpl
    from ganzoo.registry.kinds import Kind
    from ganzoo.registry.specs import Component, Recipe, Record, Shape, Value, When

__all__ = [
    "Adaptive",
    "Augmentation",
    "BadComponent",
    "BadData",
    "BadRun",
    "BadSetting",
    "Batch",
    "Component",
    "Conditioning",
    "Constraint",
    "Dataset",
    "Direction",
    "Discriminator",
    "DiscriminatorOutput",
    "Diverged",
    "DoesNotFit",
    "Features",
    "GanzooError",
    "Gaussian",
    "Generator",
    "HasMetadata",
    "HasMidpoint",
    "Kind",
    "Logs",
    "Loss",
    "Metric",
    "MetricInputs",
    "MetricValue",
    "MinimumSamples",
    "Packs",
    "Phase",
    "PluginError",
    "Recipe",
    "Record",
    "Resamplable",
    "Rng",
    "Run",
    "RunLengthAware",
    "Samples",
    "Schedule",
    "ScoredSamples",
    "Shape",
    "Side",
    "StyleGenerator",
    "Term",
    "TermContext",
    "Trainer",
    "UnknownName",
    "Value",
    "When",
    "hookimpl",
    "load",
    "train",
]

_MODULES = (
    "errors", "registry.hooks", "registry.kinds", "registry.specs", "interfaces.capabilities", "interfaces.data",
    "interfaces.losses", "interfaces.measurement", "interfaces.networks", "interfaces.training",
    "api",  # imports torch: last
)  # fmt: skip
"""Where the public names are defined, searched in this order."""


def __getattr__(name: str) -> object:
    """Import a public name when it is first used."""
    if name in __all__:
        for module in _MODULES:
            found = vars(import_module(f"ganzoo.{module}"))
            if name in found:
                return found[name]
    raise AttributeError(f"module 'ganzoo' has no attribute '{name}'")
