from __future__ import annotations

from functools import partial

import numpy as np

from ganzoo.components.datasets.files.decode import ImageFormat
from ganzoo.components.datasets.files.listing import Item, Listing
from ganzoo.components.datasets.images import ImageSet


class Ramp:
    """Image ``k`` has the value ``k`` and the class ``k % 2``."""

    where = "ramp"

    def key(self):
        return "ramp"

    def listing(self, *, labels):
        pictures = [np.full((1, 2, 2), k, np.uint8) for k in range(5)]
        items = [Item(str(k), partial(np.asarray, p), k % 2 if labels else None) for k, p in enumerate(pictures)]
        return Listing(5, lambda: iter(items), ("even", "odd"))


def test_samples_are_read_by_any_index():
    data = ImageSet(Ramp(), ImageFormat(), labels=True)
    batch = data.read(np.array([4, 1, 1]))
    assert batch["images"].shape == (3, 1, 2, 2)
    assert batch["images"][:, 0, 0, 0].tolist() == [4, 1, 1]
    assert batch["labels"].tolist() == [0, 1, 1]
    assert (batch["images"].dtype, batch["labels"].dtype) == (np.uint8, np.int64)
    assert type(batch["images"]) is np.ndarray  # not memory-mapped: torch may write to it


def test_the_fingerprint_depends_on_labels_and_pixels():
    prints = {
        ImageSet(Ramp(), image_format, labels=labels).fingerprint()
        for image_format in (ImageFormat(), ImageFormat(3))
        for labels in (0, 1)
    }
    assert len(prints) == 4


def test_without_labels_there_are_no_classes():
    data = ImageSet(Ramp(), ImageFormat(), labels=False)
    assert (data.num_classes, data.class_names) == (0, ())
    assert len(data) == 5
