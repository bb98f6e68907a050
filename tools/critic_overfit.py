"""Read how far the newest critics of runs overfit, on every real, without augmentations.

    python tools/critic_overfit.py RUN...

While a run trains, ``health/overfit`` looks at about a hundred reals, through the run's augmentations. Here the same
quotient is taken of all reals, those trained on and those kept back (``run.held_out``, which the run must have), and of
as many fakes, in batches as the run's own. A critic may look at its batch, so each logit is the mean over four orders.
Used for docs/gallery/results.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from ganzoo.assembly.build import assemble, engine_of
from ganzoo.engine import state
from ganzoo.engine.batches import split
from ganzoo.engine.step import Engine
from ganzoo.evaluation.subject import checkpoint_of
from ganzoo.health.critic import logits_of, traceless
from ganzoo.health.readings import overfitting
from ganzoo.health.reals import pixels
from ganzoo.launch import saved_run
from ganzoo.protocols import Dataset
from ganzoo.runs.folder import RunFolder
from ganzoo.runs.units import count

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
    trained, kept = (dataset.read(part) for part in split(len(dataset), engine.run.held_out))
    labels = torch.from_numpy(np.resize(trained["labels"], len(dataset)))
    fakes = fakes_of(engine, labels)
    seen, unseen = (logits(engine, pixels(d["images"]), torch.from_numpy(d["labels"])) for d in (trained, kept))
    fake = logits(engine, fakes, labels)
    half = 1.96 * unseen.std() / len(unseen) ** 0.5 / (seen.mean() - fake.mean())
    told = f"{overfitting(seen, unseen, fake):.3f} ± {half:.3f}"
    return [count(engine.images_seen), str(len(seen)), str(len(unseen)), told]


def restored(folder: RunFolder) -> tuple[Engine, Dataset]:
    """Build a run and put it into the state of its newest checkpoint."""
    registry, config = saved_run(folder, whole=True)
    assembly = assemble(registry, config)
    engine = engine_of(assembly, registry)
    state.restore(engine, checkpoint_of(folder))
    return engine, assembly.dataset


def fakes_of(engine: Engine, labels: Tensor) -> Tensor:
    """Fakes of the live generator, one a label."""
    generator = engine.players["generator"].module
    dim = int(cast(Any, generator).latent_dim)
    latents = torch.randn(len(labels), dim, generator=torch.Generator().manual_seed(1))
    parts = zip(*(torch.split(whole, engine.run.batch_size) for whole in (latents, labels)), strict=True)
    made = [traceless(generator, *(half.to(engine.device) for half in part)) for part in parts]
    return torch.cat([cast(Tensor, images).cpu() for images in made])


def logits(engine: Engine, samples: Tensor, labels: Tensor) -> Tensor:
    """Judge samples in batches, each in several companies."""
    critic, total = engine.players["discriminator"].module, torch.zeros(len(samples))
    for order in range(ORDERS):
        shuffled = torch.randperm(len(samples), generator=torch.Generator().manual_seed(order))
        for part in torch.split(shuffled, engine.run.batch_size):
            seen, classes = samples[part].to(engine.device), labels[part].to(engine.device)
            total[part] += logits_of(critic, seen, classes).cpu()
    return total / ORDERS


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("runs", nargs="+", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
