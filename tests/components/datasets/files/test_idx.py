from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from ganzoo.components.datasets.files.idx import find_idx_files, is_idx
from ganzoo.components.datasets.images import Idx
from ganzoo.errors import BadData

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 6, 4), np.uint8)
LABELS = np.array([2, 0, 1, 1, 2], np.uint8)


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def write(folder: Path, prefix: str = "train", images: np.ndarray = IMAGES, pack: bool = True) -> Path:
    for what, array in (("images-idx3", images), ("labels-idx1", LABELS[: len(images)])):
        file = folder / f"{prefix}-{what}-ubyte{'.gz' if pack else ''}"
        file.write_bytes(gzip.compress(idx(array)) if pack else idx(array))
    return folder


@pytest.mark.parametrize("pack", [True, False])
def test_images_and_labels_are_read(tmp_path, pack):
    data = Idx(path=str(write(tmp_path, pack=pack)))
    batch = data.read(np.arange(5))
    assert (data.shape, data.num_classes, data.class_names) == ((1, 6, 4), 3, ("0", "1", "2"))
    assert np.array_equal(batch["images"][:, 0], IMAGES)
    assert np.array_equal(batch["labels"], LABELS)


def test_splits_are_separate(tmp_path):
    write(tmp_path)
    write(tmp_path, "t10k", IMAGES[:2])
    assert len(Idx(path=str(tmp_path))) == 5
    assert len(Idx(path=str(tmp_path), split="test")) == 2


def test_one_file_is_read_with_the_labels_beside_it(tmp_path):
    write(tmp_path, "t10k")
    data = Idx(path=str(tmp_path / "t10k-images-idx3-ubyte.gz"))
    assert (len(data), data.num_classes) == (5, 3)


def test_without_a_labels_file_there_are_no_classes(tmp_path):
    (tmp_path / "digits.bin").write_bytes(idx(IMAGES))
    assert Idx(path=str(tmp_path / "digits.bin")).num_classes == 0


def test_a_compressed_copy_is_ignored(tmp_path):
    write(tmp_path)
    write(tmp_path, pack=False)
    assert [file.name for file in find_idx_files(tmp_path)] == ["train-images-idx3-ubyte"]


def test_an_uncompressed_file_with_the_name_of_a_compressed_one_is_read(tmp_path):
    write(tmp_path, pack=False)
    (tmp_path / "train-images-idx3-ubyte").rename(tmp_path / "train-images-idx3-ubyte.gz")
    assert len(Idx(path=str(tmp_path))) == 5


def test_a_missing_split_and_several_sets_are_refused(tmp_path):
    write(tmp_path)
    with pytest.raises(BadData, match=r"no test images; it holds train-images-idx3-ubyte.gz"):
        Idx(path=str(tmp_path), split="test")
    write(tmp_path, "letters-train")
    with pytest.raises(BadData, match="several train sets: name one file"):
        Idx(path=str(tmp_path))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "begins with nothing"),
        (b"\x89PNG", "begins with 89504e47"),
        (b"\0\0\x08", "begins with 000008,"),
        (idx(LABELS), "It holds labels"),
        (idx(IMAGES)[:10], "cut off: 6 of 12 bytes of header"),
        (idx(IMAGES)[:-1], "cut off: 23 of 24 bytes of image 4 of 5"),
        (idx(IMAGES) + b"x", "longer than its header says"),
        (gzip.compress(idx(IMAGES))[:-9], "cannot be read"),
        (gzip.compress(idx(IMAGES))[:60] + b"broken", "cannot be read"),
        (struct.pack(">HBB3I", 0, 8, 3, 1, 2**31, 2**31), "promises images of 2147483648x2147483648"),
        (struct.pack(">HBB3I", 0, 8, 3, 1, 0, 28), "promises images of 28x0"),
        (struct.pack(">HBB3I", 0, 8, 3, 0, 28, 28), "holds no images"),
    ],
    ids=range(12),  # a name made of the bytes would hold the second gzip ran in, and differ between processes
)
def test_broken_files_are_refused_by_name(tmp_path, data, message):
    (tmp_path / "digits.bin").write_bytes(data)
    with pytest.raises(BadData, match=f"digits.bin.* {message}"):
        Idx(path=str(tmp_path / "digits.bin"))


def test_there_must_be_one_label_an_image(tmp_path):
    write(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(idx(LABELS[:4]))
    with pytest.raises(BadData, match="holds 4 labels for 5 images"):
        Idx(path=str(tmp_path))
    assert len(Idx(path=str(tmp_path), labels=False)) == 5


def test_idx_is_recognised_by_content(tmp_path):
    write(tmp_path)
    (tmp_path / "x.gz").write_bytes(b"\x1f\x8b broken")
    assert is_idx(tmp_path / "train-images-idx3-ubyte.gz")
    assert not is_idx(tmp_path / "x.gz")


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_real_digits_and_clothes(real, name):
    data = Idx(path=real(name), split="test")
    assert (len(data), data.shape, data.num_classes) == (10_000, (1, 28, 28), 10)
    batch = data.read(np.arange(10_000))
    assert np.bincount(batch["labels"]).min() > 800
    assert 30 < batch["images"].mean() < 80
