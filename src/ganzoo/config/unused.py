"""Refuse settings of the command line that nothing in the run uses."""

from __future__ import annotations

from collections.abc import Iterator

from ganzoo.config.layers import COMMAND_LINE, Config
from ganzoo.config.run_settings import UNUSED_SETTINGS
from ganzoo.errors import BadSetting
from ganzoo.interfaces.data import Dataset


def assert_settings_used(config: Config, dataset: Dataset) -> None:
    """Refuse a setting of the command line that this run does not use.

    Args:
        config: the resolved configuration.
        dataset: the run's data.

    Raises:
        BadSetting: names the first such setting, and why it would do nothing.
    """
    for path, why in _list_unused(config, dataset):
        typed = config.everything().get(path)
        if typed is not None and typed.source == COMMAND_LINE:
            raise BadSetting(f"{path} would do nothing: {why}")


def _list_unused(config: Config, dataset: Dataset) -> Iterator[tuple[str, str]]:
    if len(dataset.shape) != 3 and config.run.mirror:
        yield "run.mirror", "it flips images, and this run's data are points. Drop it."
    if not config.names("metric"):
        of_features = (path for path in config.settings if path.startswith("features."))
        for path in ("features", *of_features, "run.evaluate_every", "run.evaluate_samples"):
            yield path, "it is for the metrics computed while training. Add --evaluate fd@50k, or drop it."
    for path, optimizer in unused_optimizer_settings(config):
        yield path, f"{optimizer} does not use it. Drop it."


def unused_optimizer_settings(config: Config) -> Iterator[tuple[str, str]]:
    """List the settings that optimizers do not use, with the name of the optimizer."""
    for player, optimizer in config.optimizer.items():
        for name in UNUSED_SETTINGS.get(optimizer.name, ()):
            yield f"optimizer.{player}.{name}", optimizer.name
