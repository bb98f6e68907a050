# ruff: noqa: RUF012
"""Data sets that break one rule each; ``breaks`` holds the checks that fail, and what their messages match."""

import time
import uuid

import numpy as np

from ganzoo import Component, hookimpl


class Correct:
    """Passes every check; the others below fail one."""

    breaks = {}

    def __init__(self):
        self.shape, self.num_classes, self.class_names = (1, 16, 16), 2, ("even", "odd")
        self.images = np.random.default_rng(0).integers(0, 256, (12, 1, 16, 16), np.uint8)

    def __len__(self):
        return 12

    def read(self, indices):
        return {"images": self.images[indices], "labels": np.asarray(indices, np.int64) % 2}

    def fingerprint(self):
        return "twelve"


class Flat(Correct):
    breaks = {"describes": r"it provides 'image', but a sample has shape \(256,\)"}

    def __init__(self):
        super().__init__()
        self.shape = (256,)


class Loud(Correct):
    breaks = {"samples": r"float images must lie in \[-1, 1\]"}

    def read(self, indices):
        return {**super().read(indices), "images": self.images[indices].astype(np.float32)}


class Overcounting(Correct):
    breaks = {"labels": "there is a label 2, with 2 classes"}

    def read(self, indices):
        return {**super().read(indices), "labels": np.asarray(indices, np.int64) % 3}


class Shuffled(Correct):
    breaks = {"order": "images read in another order are other samples"}

    def read(self, indices):
        return super().read(np.sort(indices))


class Shared(Correct):
    breaks = {"threads": "threads that read at once got other samples"}

    def read(self, indices):
        self.wanted = indices
        time.sleep(0.02)
        return super().read(self.wanted)


class Nameless(Correct):
    breaks = {"fingerprint": "changes from one opening to the next"}

    def fingerprint(self):
        return uuid.uuid4().hex


@hookimpl
def ganzoo_components():
    """Register them all."""
    for number, each in enumerate([Correct, *Correct.__subclasses__()]):
        target = f"broken_datasets:{each.__name__}"
        yield Component("dataset", f"s{number}", target, each.__name__, provides=("image",))
