"""What ``ganzoo train --dry-run`` prints: every setting with its source, the players, the memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ganzoo.assembly.build import build_engine
from ganzoo.training.memory_estimate import estimate_memory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ganzoo.config.layers import Setting
    from ganzoo.workflows.prepare import PreparedRun


def print_dry_run(console: Console, prepared: PreparedRun) -> None:
    """Print the resolved configuration, the players and the estimated memory; train and write nothing."""
    console.print(_settings_table(prepared.assembly.config.everything(prepared.registry)))
    engine = build_engine(prepared.assembly, prepared.registry)
    estimate = estimate_memory(engine)
    engine.close()
    table = Table("player", "parameters", box=None, header_style="bold")
    for name, count in estimate.parameters.items():
        table.add_row(name, f"{count:,}")
    console.print(table)
    dataset = prepared.assembly.dataset
    console.print(
        f"data: {len(dataset):,} samples of {'x'.join(map(str, dataset.shape))}, {dataset.num_classes} classes"
    )
    console.print(f"memory: {estimate.state / 2**20:,.1f} MiB for weights, gradients, optimisers and averages, "
                  f"{estimate.activations / 2**20:,.1f} MiB for the largest phase, on {engine.device}")  # fmt: skip
    console.print("Dry run: nothing was trained or written.")


def _settings_table(everything: Mapping[str, Setting]) -> Table:
    """List components and settings with their sources; values left at their default are dim."""
    table = Table(box=None, header_style="bold")
    for column in ("setting", "value", "source"):
        table.add_column(column, overflow="fold")
    for path, setting in everything.items():
        value = ", ".join(map(str, setting.value)) or "none" if isinstance(setting.value, tuple) else setting.value
        table.add_row(path, Text("none" if value is None else str(value)), setting.source,
                      style="dim" if setting.source == "default" else "")  # fmt: skip
    return table
