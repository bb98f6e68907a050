"""A checkpoint holds the whole state: resuming is bit-exact, and damage is detected."""

import json

import pytest
import torch

from ganzoo.errors import BadRun, Diverged
from ganzoo.training import checkpoints


def everything(run):
    return checkpoints.model_tensors(run) | checkpoints.training_tensors(run)


def assert_equal(ours, theirs):
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if not torch.equal(ours[name], theirs[name])] == []


@pytest.mark.parametrize("settings", [
    {},
    {"loss": "wgan-gp", "run.workers": 0},
    {"constraint": ("weight-clipping",), "optimizer.discriminator.name": "rmsprop"},
    {"optimizer.generator.name": "sgd", "optimizer.generator.schedule": "cosine", "run.mirror": True},
])  # fmt: skip
def test_three_steps_saved_and_three_more_equal_six(engine, tmp_path, settings):
    straight = engine(**settings)
    for _ in range(6):
        straight.step()
    first = engine(**settings)
    for _ in range(3):
        first.step()
    place = checkpoints.save_checkpoint(first, tmp_path, {})
    second = engine(**settings)
    checkpoints.restore_engine(second, place)
    for _ in range(3):
        second.step()
    assert_equal(everything(straight), everything(second))
    assert (straight.steps, straight.images_seen) == (second.steps, second.images_seen)


@pytest.mark.parametrize("lost", ["optimizer.", "average.", "generator.norms.0.running_mean"])
def test_resuming_without_part_of_the_state_differs(engine, tmp_path, lost):
    """Dropping part of the state breaks the equality above."""
    run = engine()
    for _ in range(3):
        run.step()
    new, saved = everything(engine()), everything(run)
    assert any(name.startswith(lost) for name in saved)
    assert any(n.startswith(lost) and not (n in new and torch.equal(new[n], saved[n])) for n in saved)


def test_a_changed_byte_is_detected(engine, tmp_path):
    run = engine()
    run.step()
    place = checkpoints.save_checkpoint(run, tmp_path, {})
    file = place / checkpoints.MODEL
    damaged = bytearray(file.read_bytes())
    damaged[-1] ^= 1
    file.write_bytes(damaged)
    with pytest.raises(BadRun, match=r"model\.safetensors does not match"):
        checkpoints.restore_engine(engine(), place)


def test_another_architecture_is_refused_by_name(engine, tmp_path):
    run = engine()
    run.step()
    place = checkpoints.save_checkpoint(run, tmp_path, {})
    with pytest.raises(BadRun, match="another architecture: generator"):
        checkpoints.restore_engine(engine(**{"generator.width": 8}), place)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_unknown_weights_are_not_dropped(engine, tmp_path, optimizer):
    settings = {"generator": "mlp", "optimizer.generator.name": optimizer, "optimizer.generator.beta1": 0.0}
    run = engine(**settings, **{"generator.depth": 3})
    run.step()
    place = checkpoints.save_checkpoint(run, tmp_path, {})
    with pytest.raises(checkpoints.OtherArchitecture, match="another architecture: there is no generator"):
        checkpoints.restore_engine(engine(**settings, **{"generator.depth": 2}), place)


def test_infinite_values_are_not_saved(engine, tmp_path):
    run = engine()
    run.step()
    with torch.no_grad():
        run.players["generator"].parameters[0].fill_(float("nan"))
    with pytest.raises(Diverged, match="not finite"):
        checkpoints.save_checkpoint(run, tmp_path, {})
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_keeps_the_last_checkpoint(engine, tmp_path, monkeypatch):
    run = engine()
    run.step()
    good = checkpoints.save_checkpoint(run, tmp_path, {})
    run.step()

    def full(content, path):
        path.write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints, "save_file", full)
    with pytest.raises(BadRun, match="No space left on device"):
        checkpoints.save_checkpoint(run, tmp_path, {})
    assert checkpoints.list_checkpoints(tmp_path) == [good]
    assert [p.name for p in tmp_path.iterdir()] == [good.name]
    checkpoints.verify_checkpoint(good)


@pytest.mark.parametrize("place", ["checkpoints/step-00000009", "metrics.jsonl", "samples/000000004.png",
                                   "checkpoints/.best.1.tmp/step-00000009"])  # fmt: skip
def test_resuming_is_advised_only_where_there_is_something_to_resume_from(tmp_path, place):
    full = OSError(28, "No space left on device")
    assert "Make room, then train again." in str(checkpoints.write_error(tmp_path / place, full))
    (tmp_path / "checkpoints" / "step-00000004").mkdir(parents=True)
    assert "The last checkpoint is intact; make room, then resume." in str(
        checkpoints.write_error(tmp_path / place, full)
    )


def test_no_pickle_is_written(engine, tmp_path):
    run = engine()
    run.step()
    place = checkpoints.save_checkpoint(run, tmp_path, {"versions": {"torch": torch.__version__}})
    assert sorted(p.name for p in place.iterdir()) == ["manifest.json", "model.safetensors", "training.safetensors"]
    manifest = json.loads((place / "manifest.json").read_text())
    assert manifest["versions"] == {"torch": torch.__version__}
    assert manifest["counters"] == {"steps": 1, "batches_seen": 1}


@pytest.mark.parametrize(("found", "cure"), [(2, "Update: pip install"), (0, "Train the run again")])
def test_a_checkpoint_of_another_format_is_refused_with_advice(engine, tmp_path, found, cure):
    run = engine()
    run.step()
    place = checkpoints.save_checkpoint(run, tmp_path, {})
    manifest = json.loads((place / checkpoints.MANIFEST).read_text())
    (place / checkpoints.MANIFEST).write_text(json.dumps({**manifest, "format": found}))
    with pytest.raises(BadRun, match=f"has format {found}, and this ganzoo reads format 1. {cure}"):
        checkpoints.restore_engine(engine(), place)
