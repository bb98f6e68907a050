from __future__ import annotations

import numpy as np

from ganzoo.components.datasets.files.decode import Form
from ganzoo.components.datasets.files.listing import Item, Listing, held
from ganzoo.components.datasets.images import ImageSet


class Ramp:
    """Picture ``k`` has the value ``k`` and the class ``k % 2``."""

    where = "ramp"

    def key(self):
        return "ramp"

    def listing(self, *, labels):
        pictures = [np.full((1, 2, 2), k, np.uint8) for k in range(5)]
        items = [Item(str(k), held(p), k % 2 if labels else None) for k, p in enumerate(pictures)]
        return Listing(5, lambda: iter(items), ("even", "odd"))


def test_samples_are_read_by_any_index():
    data = ImageSet(Ramp(), Form(), labels=True)
    batch = data.read(np.array([4, 1, 1]))
    assert batch["images"].shape == (3, 1, 2, 2)
    assert batch["images"][:, 0, 0, 0].tolist() == [4, 1, 1]
    assert batch["labels"].tolist() == [0, 1, 1]
    assert (batch["images"].dtype, batch["labels"].dtype) == (np.uint8, np.int64)
    assert type(batch["images"]) is np.ndarray  # not a map of the file: torch may write to it


def test_the_fingerprint_tells_labels_and_pixels_apart():
    prints = {ImageSet(Ramp(), form, labels=labels).fingerprint() for form in (Form(), Form(3)) for labels in (0, 1)}
    assert len(prints) == 4


def test_without_labels_there_are_no_classes():
    data = ImageSet(Ramp(), Form(), labels=False)
    assert (data.num_classes, data.class_names) == (0, ())
    assert len(data) == 5
