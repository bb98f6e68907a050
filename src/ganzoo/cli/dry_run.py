"""What ``ganzoo train --dry-run`` prints: every value with its source, the players, the memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ganzoo.assembly.build import build_engine
from ganzoo.training.memory_estimate import estimate_memory

if TYPE_CHECKING:
    from ganzoo.config.layers import Config
    from ganzoo.workflows.prepare import PreparedRun


def show(console: Console, launch: PreparedRun) -> None:
    """Print the resolved configuration, build the engine and weigh it; nothing is trained or written."""
    console.print(settings_table(launch.assembly.config))
    engine = build_engine(launch.assembly, launch.registry)
    weight = estimate_memory(engine)
    engine.close()
    table = Table("player", "parameters", box=None, header_style="bold")
    for name, count in weight.parameters.items():
        table.add_row(name, f"{count:,}")
    console.print(table)
    dataset = launch.assembly.dataset
    console.print(
        f"data: {len(dataset):,} samples of {'x'.join(map(str, dataset.shape))}, {dataset.num_classes} classes"
    )
    console.print(f"memory: {_mib(weight.state)} for weights, gradients, optimisers and averages, "
                  f"{_mib(weight.activations)} for the largest phase, on {engine.device}")  # fmt: skip
    console.print("Dry run: nothing was trained or written.")


def settings_table(config: Config) -> Table:
    """List parts and settings with their sources; what was not left at its default stands out."""
    table = Table(box=None, header_style="bold")
    for column in ("setting", "value", "source"):
        table.add_column(column, overflow="fold")
    for path, setting in config.everything().items():
        value = ", ".join(map(str, setting.value)) or "none" if isinstance(setting.value, tuple) else setting.value
        table.add_row(path, Text("none" if value is None else str(value)), setting.source,
                      style="dim" if setting.source == "default" else "")  # fmt: skip
    return table


def _mib(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"
