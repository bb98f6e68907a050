"""Networks of timm: weights from a file, preprocessing as in training."""

import pytest
import torch
from safetensors.torch import save_file

from ganzoo.components.features.timm_network import TimmFeatures
from ganzoo.errors import BadSetting, DoesNotFit

timm = pytest.importorskip("timm")
MODEL = "mobilenetv3_small_050"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Random weights of a small network, by its number of classes and padding."""

    def write(classes, **options):
        torch.manual_seed(classes)
        network = timm.create_model(MODEL, pretrained=False, num_classes=classes, **options).eval()
        path = tmp_path_factory.mktemp("timm") / "weights.safetensors"
        save_file(network.state_dict(), path)
        return str(path), network

    return write


def built(path, shape=(3, 32, 32), **settings):
    return TimmFeatures(shape, model=MODEL, weights=path, resize=64, **settings)


def test_features_are_timms_own_before_the_classifier(written, images):
    path, network = written(10)
    cfg = timm.get_pretrained_cfg(MODEL)
    x = images(3, 64, 64)
    mean, std = (torch.tensor(values)[:, None, None] for values in (cfg.mean, cfg.std))
    inputs = ((x + 1) / 2 - mean) / std
    features = built(path, (3, 64, 64))
    wanted = network.forward_head(network.forward_features(inputs), pre_logits=True)
    torch.testing.assert_close(features(x), wanted)
    assert features.dim == wanted.shape[1]
    torch.testing.assert_close(features.probabilities(x), network(inputs).softmax(1))


def test_weights_of_tensorflow_bring_its_padding_and_scale(written, images):
    path, network = written(1001, pad_type="same")
    x = images(3, 64, 64)
    torch.testing.assert_close(built(path, (3, 64, 64)).probabilities(x), network(x).softmax(1))


def test_the_hash_covers_padding_mean_and_std(written):
    path, _ = written(10)
    variants = ({}, {"mean": (0.5,)}, {"std": (0.5, 0.5, 0.4)}, {"padding": "same"})
    assert len({built(path, **settings).fingerprint() for settings in variants}) == 4
    assert built(path).fingerprint() == built(path, (1, 16, 16)).fingerprint()


def test_without_a_classifier_there_are_features_but_no_probabilities(written, images):
    path, _ = written(0)
    features = built(path)
    assert features(images(3, 32, 32)).shape == (4, features.dim)
    with pytest.raises(DoesNotFit, match="no classifier"):
        features.probabilities(images(3, 32, 32))


def test_maps_are_activations_from_fine_to_coarse(written, images):
    maps = built(written(10)[0]).maps(images(3, 32, 32))
    sides = [each.shape[2] for each in maps]
    assert sides == sorted(sides, reverse=True)
    assert all(each.ndim == 4 and len(each) == 4 for each in maps)


def test_name_and_resizer_describe_the_features(written):
    features = built(written(10)[0])
    assert (features.name, features.resizer) == (f"timm:{MODEL}", "bilinear antialias 64")


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, "need a model"),
        ({"model": "mobilenetv2_10"}, "Did you mean 'mobilenetv2_1"),
        ({"model": MODEL}, "need weights, which are not downloaded: --weights"),
        ({"model": MODEL, "weights": "gone.safetensors"}, "no weights at gone.safetensors"),
    ],
)
def test_what_is_missing_is_named(settings, reason):
    with pytest.raises(BadSetting, match=reason):
        TimmFeatures((3, 32, 32), **settings)


def test_weights_of_another_model_are_refused(written):
    with pytest.raises(DoesNotFit, match=r"does not fit timm:resnet18: \d+ missing"):
        TimmFeatures((3, 32, 32), model="resnet18", weights=written(10)[0])


def test_a_model_without_a_padding_option_is_refused(tmp_path):
    network = timm.create_model("resnet10t", pretrained=False, num_classes=3)
    save_file(network.state_dict(), tmp_path / "resnet.safetensors")
    with pytest.raises(BadSetting, match="does not let you choose the padding"):
        TimmFeatures((3, 32, 32), model="resnet10t", weights=str(tmp_path / "resnet.safetensors"), padding="same")


def test_numbers_that_are_not_one_a_channel_are_refused(written):
    with pytest.raises(BadSetting, match=r"features.mean = \(0.1, 0.2\)"):
        built(written(10)[0], mean=(0.1, 0.2))


def test_a_trained_network_distinguishes_noise_and_dropped_modes(shared_data, sprites):
    path = shared_data / "mobilenet-v2" / "mobilenetv2_100_imagenet_fp16.safetensors"
    features = TimmFeatures((3, 32, 32), model="mobilenetv2_100", weights=str(path), resize=64)
    real, images, contents = sprites[0][0][:64], sprites[1][0][:64], sprites[1][1]["content"][:64]
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(0))
    means = [features(x).mean(0) for x in (real, images, images + 0.2 * noise, images[contents < 2])]
    alike, noisy, dropped = [float((other - means[0]).square().sum()) for other in means[1:]]
    assert alike < min(noisy, dropped)
    assert features.dim == 1280
    assert features.probabilities(images[:2]).shape == (2, 1001)
