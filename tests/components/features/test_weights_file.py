"""Weights files: safetensors that fit, or one line that says what to do."""

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from ganzoo.components.features.weights_file import load_weights, read_weights
from ganzoo.errors import BadSetting, DoesNotFit


@pytest.fixture
def written(tmp_path):
    """A file of two tensors."""
    path = tmp_path / "weights.safetensors"
    save_file({"weight": torch.ones(2, 3), "bias": torch.zeros(2)}, path, {"made": "here"})
    return path


def test_tensors_and_metadata_are_read(written):
    tensors, metadata = read_weights(written)
    assert torch.equal(tensors["weight"], torch.ones(2, 3))
    assert metadata == {"made": "here"}


def test_half_precision_is_converted_to_the_precision_of_the_network(written):
    layer = nn.Linear(3, 2)
    load_weights(layer, {n: t.half() for n, t in read_weights(written)[0].items()}, written, "a layer")
    assert layer.weight.dtype == torch.float32
    assert torch.equal(layer.weight, torch.ones(2, 3))


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".bin"])
def test_a_pickle_is_refused_with_the_command_that_converts_it(tmp_path, suffix):
    path = tmp_path / f"weights{suffix}"
    torch.save({"weight": torch.ones(2)}, path)
    with pytest.raises(BadSetting, match="is a pickle") as refused:
        read_weights(path)
    command = str(refused.value)
    assert len(command.splitlines()) == 1
    assert "weights_only=True" in command
    assert str(path.with_suffix(".safetensors")) in command


def test_the_command_works(tmp_path):
    path = tmp_path / "weights.pth"
    torch.save({"weight": torch.ones(2, 2).T}, path)
    with pytest.raises(BadSetting) as refused:
        read_weights(path)
    exec(str(refused.value).partition('-c "')[2].rstrip('"'), {})
    assert torch.equal(read_weights(path.with_suffix(".safetensors"))[0]["weight"], torch.ones(2, 2))


def test_what_is_missing_or_broken_is_named(tmp_path):
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"no weights")
    gone = tmp_path / "gone.safetensors"
    for path, reason in ((gone, "no such file"), (tmp_path, "folder"), (broken, "no readable")):
        with pytest.raises(BadSetting, match=reason) as refused:
            read_weights(path)
        assert str(path) in str(refused.value)


def test_weights_of_another_model_are_refused_in_one_line(written):
    tensors = {"weight": torch.ones(3, 3), "scale": torch.ones(1)}
    with pytest.raises(DoesNotFit) as refused:
        load_weights(nn.Linear(3, 2), tensors, written, "a layer")
    message = str(refused.value)
    assert "1 missing (bias), 1 unexpected (scale), 1 of another shape (weight)" in message
    assert "\n" not in message


def test_batch_counters_may_be_missing(written):
    layer = nn.BatchNorm1d(2)
    kept = {name: tensor for name, tensor in layer.state_dict().items() if "num_batches" not in name}
    load_weights(layer, {**kept, "bias": torch.ones(2)}, written, "a layer")
    assert torch.equal(layer.bias, torch.ones(2))
