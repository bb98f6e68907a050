from __future__ import annotations

import numpy as np
import pytest

from ganzoo.components.datasets.images import Arrays
from ganzoo.errors import BadData

NHWC = np.random.default_rng(0).integers(0, 256, (5, 8, 6, 3), np.uint8)
NCHW = NHWC.transpose(0, 3, 1, 2)


def images(path):
    data = Arrays(path=str(path))
    return data.read(np.arange(len(data)))["images"]


@pytest.mark.parametrize("array", [NHWC, NCHW, np.ascontiguousarray(NCHW), np.asfortranarray(NHWC)])
def test_both_layouts_hold_the_same_images(tmp_path, array):
    np.savez(tmp_path / "x.npz", images=array)
    np.save(tmp_path / "x.npy", array)
    assert np.array_equal(images(tmp_path / "x.npz"), NCHW)
    assert np.array_equal(images(tmp_path / "x.npy"), NCHW)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((5, 8, 6), (1, 8, 6)), ((5, 8, 6, 1), (1, 8, 6)), ((5, 4, 8, 8), (4, 8, 8)), ((5, 8, 8, 7), (7, 8, 8))],
)
def test_channels_are_the_smaller_of_the_outer_axes(tmp_path, shape, expected):
    np.save(tmp_path / "x.npy", np.zeros(shape, np.uint8))
    assert Arrays(path=str(tmp_path / "x.npy")).shape == expected


@pytest.mark.parametrize("shape", [(5,), (5, 2), (5, 8, 8, 8), (5, 3, 8, 3), (0, 8, 8), (5, 3, 4, 8, 8)])
def test_other_shapes_are_refused(tmp_path, shape):
    np.save(tmp_path / "x.npy", np.zeros(shape, np.uint8))
    with pytest.raises(BadData, match=r"x.npy holds images of shape .* save them as \(N, H, W\)"):
        Arrays(path=str(tmp_path / "x.npy"))


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("low", [0, -1])
def test_float_images_are_scaled_from_their_range(tmp_path, kind, low):
    ramp = np.linspace(low, 1, 256).reshape(1, 16, 16)
    np.save(tmp_path / "x.npy", ramp.astype(kind))
    assert np.array_equal(images(tmp_path / "x.npy").ravel(), np.arange(256))


@pytest.mark.parametrize("value", [1.5, 255.0, -2.0, float("nan")])
def test_other_float_ranges_are_refused(tmp_path, value):
    np.save(tmp_path / "x.npy", np.full((1, 4, 4), value))
    with pytest.raises(BadData, match=r"x.npy holds float images from .* rescale"):
        Arrays(path=str(tmp_path / "x.npy"))


@pytest.mark.parametrize("kind", [np.int64, np.uint16, bool, complex, "U3"])
def test_other_types_are_refused(tmp_path, kind):
    np.save(tmp_path / "x.npy", np.zeros((1, 4, 4), kind))
    with pytest.raises(BadData, match=r"x.npy holds .* images: save them as uint8"):
        Arrays(path=str(tmp_path / "x.npy"))


@pytest.mark.parametrize(
    ("name", "label"),
    [("images", "labels"), ("x_train", "y_train"), ("train_images", "train_labels"), ("arr_0", "arr_1")],
)
@pytest.mark.parametrize("shape", [(5,), (5, 1)])
def test_labels_are_found_beside_images(tmp_path, name, label, shape):
    labels = np.array([0, 3, 1, 1, 0])
    np.savez(tmp_path / "x.npz", **{name: NHWC, label: labels.reshape(shape), "x_test": NHWC})
    data = Arrays(path=str(tmp_path / "x.npz"))
    assert data.class_names == ("0", "1", "2", "3")
    assert np.array_equal(data.read(np.arange(5))["labels"], labels)


@pytest.mark.parametrize("labels", [np.zeros(4, int), np.zeros((5, 2), int), np.zeros(5), np.array(3)])
def test_labels_of_another_shape_or_type_are_refused(tmp_path, labels):
    np.savez(tmp_path / "x.npz", images=NHWC, labels=labels)
    with pytest.raises(BadData, match=r"holds labels of shape .* for 5 images"):
        Arrays(path=str(tmp_path / "x.npz"))
    assert Arrays(path=str(tmp_path / "x.npz"), labels=False).num_classes == 0


def test_an_archive_without_images_lists_what_it_holds(tmp_path):
    np.savez(tmp_path / "x.npz", weights=NHWC)
    with pytest.raises(BadData, match="holds weights: name the images one of images, x_train"):
        Arrays(path=str(tmp_path / "x.npz"))


def test_python_objects_are_never_loaded(tmp_path):
    np.save(tmp_path / "x.npy", np.array([{"a": 1}]), allow_pickle=True)
    np.savez(tmp_path / "x.npz", images=np.array([{"a": 1}]))
    for name in ("x.npy", "x.npz"):
        with pytest.raises(BadData, match="never loaded"):
            Arrays(path=str(tmp_path / name))


def test_a_broken_header_is_refused(tmp_path):
    np.save(tmp_path / "x.npy", NHWC)
    (tmp_path / "x.npy").write_bytes((tmp_path / "x.npy").read_bytes().replace(b"}", b"("))
    with pytest.raises(BadData, match="cannot be read"):
        Arrays(path=str(tmp_path / "x.npy"))


@pytest.mark.parametrize("name", ["x.npy", "x.npz"])
@pytest.mark.parametrize("cut", [0, 5, 60, 200])
def test_cut_files_are_refused(tmp_path, name, cut):
    (np.save if name == "x.npy" else lambda p, a: np.savez(p, images=a))(tmp_path / name, NHWC)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:cut])
    with pytest.raises(BadData, match="cannot be read"):
        Arrays(path=str(tmp_path / name))


def test_a_promise_of_more_than_memory_is_refused(tmp_path):
    with (tmp_path / "x.npy").open("wb") as file:
        head = {"descr": "|u1", "fortran_order": False, "shape": (2**40, 64, 64, 3)}
        np.lib.format.write_array_header_1_0(file, head)
    with pytest.raises(BadData, match="cannot be read"):
        Arrays(path=str(tmp_path / "x.npy"))


def test_another_file_is_refused(tmp_path):
    (tmp_path / "x.txt").touch()
    with pytest.raises(BadData, match=r"no .npz or .npy file"):
        Arrays(path=str(tmp_path / "x.txt"))
