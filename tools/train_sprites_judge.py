"""Make the judge that ships with the package: ``python tools/train_sprites_judge.py``, some minutes on one core.

It learns from sprites of a seed that no run uses by default, and is examined on those of the next seed. The accuracies
and the command stand in the file's metadata; those at other resolutions are printed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ganzoo.data.sprites.dataset import Sprites
from ganzoo.features.judge_file import SHIPPED, read_judge
from ganzoo.judging.lesson import Part, lesson_of
from ganzoo.judging.training import Budget, accuracy_of, judge_of

SEED, COUNT, IMAGES = 1000, 60_000, 140_000
COMMAND = "python tools/train_sprites_judge.py"
RESOLUTIONS = (12, 16, 24, 64, 128)


def main(place: Path = SHIPPED / "sprites.safetensors") -> None:
    """Train, write, and examine at other resolutions."""
    torch.set_num_threads(1)
    lesson = lesson_of(Sprites(seed=SEED, count=COUNT), Sprites(seed=SEED + 1, count=10_000))
    facts = judge_of(lesson, Budget(images=IMAGES), place, origin=("sprites", COMMAND))
    print(f"{place}: {facts.accuracy} on {facts.held_out}")
    network, _ = read_judge(str(place))
    for resolution in RESOLUTIONS:
        sprites = Sprites(seed=SEED + 1, count=1000, resolution=resolution)
        part = Part(sprites, np.arange(1000), f"sprites of {resolution} pixels")
        print(f"{part.name}: {accuracy_of(network.eval(), lesson, part)}")


if __name__ == "__main__":
    main()
