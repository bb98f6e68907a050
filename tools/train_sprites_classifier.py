"""Train the classifier that ships with the package, in some minutes on one core.

    python tools/train_sprites_classifier.py

It is trained on sprites of a seed that no run uses by default and tested on those of the next seed. The file's metadata
holds the accuracies and the command; accuracies at other resolutions are printed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ganzoo.components.datasets.sprites.dataset import Sprites
from ganzoo.components.features.classifier_file import SHIPPED, read_classifier
from ganzoo.workflows.classifier_data import Split, split_for_classifier
from ganzoo.workflows.train_classifier import TrainingBudget, measure_accuracy, train_and_save_classifier

SEED, COUNT, IMAGES = 1000, 60_000, 140_000
COMMAND = "python tools/train_sprites_classifier.py"
RESOLUTIONS = (12, 16, 24, 64, 128)


def main(place: Path = SHIPPED / "sprites.safetensors") -> None:
    """Train and save the classifier, and measure its accuracy at other resolutions."""
    torch.set_num_threads(1)
    splits = split_for_classifier(Sprites(seed=SEED, count=COUNT), Sprites(seed=SEED + 1, count=10_000))
    metadata = train_and_save_classifier(splits, TrainingBudget(images=IMAGES), place, origin=("sprites", COMMAND))
    print(f"{place}: {metadata.accuracy} on {metadata.held_out}")
    network, _ = read_classifier(str(place))
    for resolution in RESOLUTIONS:
        sprites = Sprites(seed=SEED + 1, count=1000, resolution=resolution)
        split = Split(sprites, np.arange(1000), f"sprites of {resolution} pixels")
        print(f"{split.name}: {measure_accuracy(network.eval(), splits, split)}")


if __name__ == "__main__":
    main()
