"""Measure how far the newest discriminators of runs overfit, on all reals, without augmentations.

    python tools/discriminator_overfit.py RUN...

During training, ``health/overfit`` uses about a hundred reals, with the run's augmentations. This tool computes the
same quotient on all reals, trained-on and held-out ones (the run must have ``run.held_out``), and on as many fakes, in
batches of the run's size. A discriminator may depend on its batch, so each logit is the mean over four orders.
Used for docs/gallery/results.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from ganzoo.assembly.build import assemble, build_engine
from ganzoo.evaluation.generator import find_checkpoint
from ganzoo.interfaces.data import Dataset
from ganzoo.runs.folder import RunFolder
from ganzoo.runs.units import format_count
from ganzoo.training import checkpoints as state
from ganzoo.training.data_loader import split_held_out
from ganzoo.training.health.discriminator import call_on_copied_buffers, compute_logits
from ganzoo.training.health.measures import overfitting
from ganzoo.training.health.references import to_samples
from ganzoo.training.step import Engine
from ganzoo.workflows.prepare import open_saved_run

ORDERS = 4
"""Orders of the samples that each logit is averaged over."""


def main() -> None:
    """Print a Markdown row per run."""
    print("| run | images | trained on | held out | r_v |\n| --- | --- | --- | --- | --- |")
    for run in parse_options().runs:
        print(f"| `{run.name}` | {' | '.join(measure_run(RunFolder(run)))} |", flush=True)


@torch.no_grad()
def measure_run(folder: RunFolder) -> list[str]:
    """Return images seen, numbers of reals, and r_v with the half-width of its 95 % interval over held-out reals."""
    engine, dataset = restore_run(folder)
    trained, held_out = (dataset.read(part) for part in split_held_out(len(dataset), engine.run.held_out))
    labels = torch.from_numpy(np.resize(trained["labels"], len(dataset)))
    fakes = generate_fakes(engine, labels)
    seen, unseen = (score(engine, to_samples(d["images"]), torch.from_numpy(d["labels"])) for d in (trained, held_out))
    fake = score(engine, fakes, labels)
    half = 1.96 * unseen.std() / len(unseen) ** 0.5 / (seen.mean() - fake.mean())
    value = f"{overfitting(seen, unseen, fake):.3f} ± {half:.3f}"
    return [format_count(engine.images_seen), str(len(seen)), str(len(unseen)), value]


def restore_run(folder: RunFolder) -> tuple[Engine, Dataset]:
    """Build a run and load its newest checkpoint."""
    registry, config = open_saved_run(folder, whole=True)
    assembly = assemble(registry, config)
    engine = build_engine(assembly, registry)
    state.restore_engine(engine, find_checkpoint(folder))
    return engine, assembly.dataset


def generate_fakes(engine: Engine, labels: Tensor) -> Tensor:
    """Generate one fake per label with the current generator, not its average."""
    generator = engine.players["generator"].module
    dim = int(cast(Any, generator).latent_dim)
    latents = torch.randn(len(labels), dim, generator=torch.Generator().manual_seed(1))
    parts = zip(*(torch.split(whole, engine.run.batch_size) for whole in (latents, labels)), strict=True)
    made = [call_on_copied_buffers(generator, *(half.to(engine.device) for half in part)) for part in parts]
    return torch.cat([cast(Tensor, images).cpu() for images in made])


def score(engine: Engine, samples: Tensor, labels: Tensor) -> Tensor:
    """Score samples in batches, each in several orders."""
    discriminator, total = engine.players["discriminator"].module, torch.zeros(len(samples))
    for order in range(ORDERS):
        shuffled = torch.randperm(len(samples), generator=torch.Generator().manual_seed(order))
        for part in torch.split(shuffled, engine.run.batch_size):
            seen, classes = samples[part].to(engine.device), labels[part].to(engine.device)
            total[part] += compute_logits(discriminator, seen, classes).cpu()
    return total / ORDERS


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("runs", nargs="+", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
