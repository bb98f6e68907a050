"""What the reference says of names that stand in no docstring."""

from __future__ import annotations

from ganzoo.registry.registry import CORE

CAPABILITIES = {
    "class-conditional": "The generator takes a class, through `num_classes` or through the `norm` it is given.",
    "collects": "Every picture in the folder `path` is a sample: nothing else may be written there.",
    "conditional": "Both players are told of classes.",
    "features-only": "The metric looks at nothing but features: `train --evaluate` computes it beside training.",
    "image": "Samples are images: shape `(channels, height, width)`, values in [-1, 1].",
    "maps": "The features give activations of several depths, by which images are compared as a person would.",
    "modes": "The data set knows its true modes, so that samples can be counted over them.",
    "probabilities": "The features name classes: `probabilities(images)`.",
    "samples-only": "The metric looks at samples, classes and features alone: `train --evaluate` computes it beside "
    "training where there is room for the samples.",
    "styles": "The generator has an intermediate space with a style for each layer: they can be truncated and mixed.",
    "unconditional": "The discriminator is told of no classes.",
    "labels": "Every sample has a class. Of your own images this shows only when they are opened.",
    "per-sample": "The discriminator classifiers each sample alone: no statistics over the batch. "
    "Terms on the discriminator's slope need it.",
    "point": "Samples are points: shape `(dimensions,)`.",
}
"""What each capability means. A new one is described here."""

VARIABLES = {
    "GANZOO_CACHE": "Where decoded images and downloads lie. `~/.cache/ganzoo` if it is not set.",
    "GANZOO_PLUGINS": "Distributions to load, separated by commas. All installed ones if it is not set. "
    f"`{CORE}` is always loaded.",
}
"""What is read from the environment."""
