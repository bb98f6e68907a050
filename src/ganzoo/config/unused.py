"""Settings somebody typed that nothing in the run would heed: refused, since silence would look like consent."""

from __future__ import annotations

from collections.abc import Iterator

from ganzoo.config.layers import COMMAND_LINE, Config
from ganzoo.config.run_settings import UNUSED_SETTINGS
from ganzoo.errors import BadSetting
from ganzoo.interfaces.data import Dataset

_WATCHING = ("run.evaluate_every", "run.evaluate_samples")
"""Settings of ``--evaluate``."""


def assert_settings_used(config: Config, dataset: Dataset) -> None:
    """Refuse what was typed for something this run does not do.

    Args:
        config: the resolved configuration; only values of the command line are looked at.
        dataset: the run's data.

    Raises:
        BadSetting: names the first such setting, and why it would do nothing.
    """
    for path, why in _idle(config, dataset):
        typed = config.everything().get(path)
        if typed is not None and typed.source == COMMAND_LINE:
            raise BadSetting(f"{path} would do nothing: {why}")


def _idle(config: Config, dataset: Dataset) -> Iterator[tuple[str, str]]:
    if len(dataset.shape) != 3 and config.settings["run.mirror"].value:
        yield "run.mirror", "it flips images, and this run's data are points. Drop it."
    if not config.names("metric"):
        measuring = ("features", *(path for path in config.settings if path.startswith("features.")), *_WATCHING)
        for path in measuring:
            yield path, "it is for the metrics read while training. Add --evaluate fd@50k, or drop it."
    yield from (
        (path, f"{optimizer} does not look at it. Drop it.") for path, optimizer in unused_optimizer_settings(config)
    )


def unused_optimizer_settings(config: Config) -> Iterator[tuple[str, str]]:
    """List settings of optimisers that these do not look at, with the optimiser's name."""
    for path, setting in config.settings.items():
        head, _, last = path.rpartition(".")
        if head.startswith("optimizer.") and last == "name":
            yield from ((f"{head}.{name}", str(setting.value)) for name in UNUSED_SETTINGS.get(str(setting.value), ()))
