"""Descriptions in the reference of names that have no docstring."""

from __future__ import annotations

from ganzoo.registry.registry import CORE

CAPABILITIES = {
    "class-conditional": "The generator takes a class, through `num_classes` or through the `norm` it is given.",
    "collects": "Every image in the folder `path` is a sample, so that no other images may be written there.",
    "conditional": "Both players are conditional on classes.",
    "image": "Samples are images: shape `(channels, height, width)`, values in [-1, 1].",
    "maps": "The features give activations of several depths, for perceptual distances.",
    "modes": "The modes of the data set are known, so that samples can be assigned to them.",
    "probabilities": "The features include class probabilities: `probabilities(images)`.",
    "styles": "The generator has an intermediate space with a style per layer; styles can be truncated and mixed.",
    "unconditional": "The discriminator is not conditional on classes.",
    "labels": "Every sample has a class. For your own images this is known once they are opened.",
    "per-sample": "The discriminator scores each sample alone, without statistics over the batch. "
    "Gradient penalties need it.",
    "point": "Samples are points: shape `(dimensions,)`.",
}
"""What each capability means; a new one must be added here."""

VARIABLES = {
    "GANZOO_CACHE": "Folder of decoded images and downloads. `~/.cache/ganzoo` if it is not set.",
    "GANZOO_PLUGINS": "Distributions to load, separated by commas. All installed ones if it is not set. "
    f"`{CORE}` is always loaded.",
}
"""Environment variables."""
