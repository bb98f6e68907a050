"""Inception-v3: our network equals that of torch-fidelity, with random weights in place of the certified ones."""

import pytest
import torch
from safetensors.torch import save_file

from ganzoo.components.features.inception import InceptionFeatures, resize_as_tensorflow
from ganzoo.components.features.inception_network import InceptionNetwork
from ganzoo.components.features.preprocessing import to_bytes
from ganzoo.errors import BadSetting, DoesNotFit


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory):
    """Random weights of the certified shapes, with batch statistics that keep activations from vanishing."""
    torch.manual_seed(0)
    tensors = InceptionNetwork().state_dict()
    for name, tensor in tensors.items():
        if name.endswith("conv.weight"):
            torch.nn.init.kaiming_normal_(tensor)
        elif tensor.is_floating_point() and ".bn." in name:
            tensor.copy_(torch.rand_like(tensor) + (0.5 if "bias" not in name and "mean" not in name else -0.5))
    path = tmp_path_factory.mktemp("weights") / "inception.safetensors"
    save_file(tensors, path)
    return path


@pytest.fixture(scope="module")
def features(stand_in):
    return InceptionFeatures((3, 32, 32), path=str(stand_in))


@pytest.fixture(scope="module")
def reference(stand_in):
    """torch-fidelity's network with the same weights; it reads a pickle, which is written here only."""
    module = pytest.importorskip("torch_fidelity.feature_extractor_inceptionv3")
    from safetensors.torch import load_file

    path = stand_in.with_suffix(".pth")
    torch.save(load_file(stand_in), path)
    return module.FeatureExtractorInceptionV3("inception-v3-compat", ["2048", "logits_unbiased"], str(path))


def test_features_and_classes_are_those_of_torch_fidelity(features, reference, images):
    x = images(3, 32, 32, count=2)
    wanted, logits = reference(to_bytes(x).to(torch.uint8))
    torch.testing.assert_close(features(x), wanted, rtol=1e-4, atol=1e-4 * float(wanted.abs().max()))
    torch.testing.assert_close(features.probabilities(x), logits.softmax(1), rtol=1e-3, atol=1e-4)


def test_the_resizer_is_that_of_torch_fidelity(images):
    module = pytest.importorskip("torch_fidelity.interpolate_compat_tensorflow")
    for size in ((32, 32), (400, 30)):
        x = to_bytes(images(3, *size))
        wanted = module.interpolate_bilinear_2d_like_tensorflow1x(x, (299, 299), align_corners=False)
        torch.testing.assert_close(resize_as_tensorflow(x, 299), wanted, rtol=0, atol=1e-4)


def test_an_image_of_the_right_size_does_not_change(images):
    x = images(3, 16, 16)
    assert torch.equal(resize_as_tensorflow(x, 16), x)


def test_grey_images_are_converted_to_colour(features, stand_in, images):
    grey = images(1, 32, 32, count=1)
    rows = InceptionFeatures((1, 32, 32), path=str(stand_in))(grey)
    assert torch.equal(rows, features(grey.repeat(1, 3, 1, 1)))


def test_maps_have_four_depths(features, images):
    maps = features.maps(images(3, 32, 32, count=1))
    assert [tuple(each.shape[1:]) for each in maps] == [(64, 73, 73), (192, 35, 35), (768, 17, 17), (2048, 8, 8)]


def test_maps_resolve_steps_smaller_than_a_level_as_path_lengths_need(features, images):
    """A quarter of the step is a sixteenth of the squared distance; rounded to 8 bits it would be a quarter."""
    x, way = images(3, 32, 32, count=1), torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    start = features.maps(x)
    far, near = (
        sum(float((b - a).square().sum()) for a, b in zip(start, features.maps(x + step * way), strict=True))
        for step in (4e-4, 1e-4)
    )
    assert far / near == pytest.approx(16, rel=0.1)


def test_missing_weights_are_refused_with_what_to_fetch_and_how_to_convert_it(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path))
    with pytest.raises(BadSetting) as refused:
        InceptionFeatures((3, 32, 32))
    message = str(refused.value)
    assert "releases/download/v0.2.0/weights-inception-2015-12-05-6726825d.pth" in message
    assert f"{tmp_path}/weights/weights-inception-2015-12-05-6726825d.safetensors" in message
    assert "--features inception:weights-inception-2015-12-05-6726825d.safetensors" in message
    assert message.endswith(".safetensors')\"")  # nothing after the command
    assert len(message.splitlines()) == 1


def test_weights_in_the_cache_are_found(tmp_path, monkeypatch, stand_in, features):
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "weights-inception-2015-12-05-6726825d.safetensors").symlink_to(stand_in)
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path))
    assert InceptionFeatures((3, 64, 64)).fingerprint() == features.fingerprint()


def test_other_weights_are_refused(tmp_path):
    save_file({"weight": torch.ones(1)}, tmp_path / "other.safetensors")
    with pytest.raises(DoesNotFit, match="does not fit Inception-v3"):
        InceptionFeatures((3, 32, 32), path=str(tmp_path / "other.safetensors"))


def test_points_are_refused(stand_in):
    with pytest.raises(DoesNotFit, match="take images"):
        InceptionFeatures((2,), path=str(stand_in))
