"""Read how far the newest discriminators of runs overfit, on every real, without augmentations.

    python tools/discriminator_overfit.py RUN...

While a run trains, ``health/overfit`` looks at about a hundred reals, through the run's augmentations. Here the same
quotient is taken of all reals, those trained on and those kept back (``run.held_out``, which the run must have), and of
as many fakes, in batches as the run's own. A discriminator may look at its batch, so each logit is the mean over four orders.
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
"""Orders the samples are put into batches in."""


def main() -> None:
    """Print a Markdown row a run."""
    print("| run | images | trained on | kept back | r_v |\n| --- | --- | --- | --- | --- |")
    for run in options().runs:
        print(f"| `{run.name}` | {' | '.join(reading_of(RunFolder(run)))} |", flush=True)


@torch.no_grad()
def reading_of(folder: RunFolder) -> list[str]:
    """Write the images a run has seen, its reals, and r_v with half its 95 % interval over the reals kept back."""
    engine, dataset = restored(folder)
    trained, kept = (dataset.read(part) for part in split_held_out(len(dataset), engine.run.held_out))
    labels = torch.from_numpy(np.resize(trained["labels"], len(dataset)))
    fakes = fakes_of(engine, labels)
    seen, unseen = (logits(engine, to_samples(d["images"]), torch.from_numpy(d["labels"])) for d in (trained, kept))
    fake = logits(engine, fakes, labels)
    half = 1.96 * unseen.std() / len(unseen) ** 0.5 / (seen.mean() - fake.mean())
    told = f"{overfitting(seen, unseen, fake):.3f} ± {half:.3f}"
    return [format_count(engine.images_seen), str(len(seen)), str(len(unseen)), told]


def restored(folder: RunFolder) -> tuple[Engine, Dataset]:
    """Build a run and put it into the state of its newest checkpoint."""
    registry, config = open_saved_run(folder, whole=True)
    assembly = assemble(registry, config)
    engine = build_engine(assembly, registry)
    state.restore_engine(engine, find_checkpoint(folder))
    return engine, assembly.dataset


def fakes_of(engine: Engine, labels: Tensor) -> Tensor:
    """Fakes of the live generator, one a label."""
    generator = engine.players["generator"].module
    dim = int(cast(Any, generator).latent_dim)
    latents = torch.randn(len(labels), dim, generator=torch.Generator().manual_seed(1))
    parts = zip(*(torch.split(whole, engine.run.batch_size) for whole in (latents, labels)), strict=True)
    made = [call_on_copied_buffers(generator, *(half.to(engine.device) for half in part)) for part in parts]
    return torch.cat([cast(Tensor, images).cpu() for images in made])


def logits(engine: Engine, samples: Tensor, labels: Tensor) -> Tensor:
    """Judge samples in batches, each in several companies."""
    discriminator, total = engine.players["discriminator"].module, torch.zeros(len(samples))
    for order in range(ORDERS):
        shuffled = torch.randperm(len(samples), generator=torch.Generator().manual_seed(order))
        for part in torch.split(shuffled, engine.run.batch_size):
            seen, classes = samples[part].to(engine.device), labels[part].to(engine.device)
            total[part] += compute_logits(discriminator, seen, classes).cpu()
    return total / ORDERS


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("runs", nargs="+", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
