"""ganzoo in Python."""

import numpy as np
import pytest
import torch

import ganzoo
from ganzoo.errors import BadRun, BadSetting, DoesNotFit

SMALL = {"generator.width": 4, "discriminator.width": 4, "dataset.resolution": 8, "dataset.count": 64}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return ganzoo.train("dcgan", loss="wgan-gp", images=80, batch_size=4, device="cpu", settings=SMALL,
                        out=tmp_path_factory.mktemp("api") / "run")  # fmt: skip


@pytest.fixture(scope="module")
def conditional(tmp_path_factory):
    return ganzoo.train("dcgan", conditioning="projection", images=40, batch_size=4, device="cpu", settings=SMALL,
                        out=tmp_path_factory.mktemp("api") / "run")  # fmt: skip


def test_training_returns_a_run_that_can_be_loaded(run):
    again = ganzoo.load(run.path)
    assert again.config.name("loss") == "wgan-gp"
    assert again.metrics()[-1]["images"] == 80


def test_equal_seeds_give_equal_samples_in_any_batch(run):
    many = run.sample(range(40))
    assert many.shape == (40, 3, 8, 8)
    assert many.abs().max() <= 1.0
    assert torch.equal(many[[7, 33]], run.sample([7, 33]))
    assert torch.equal(ganzoo.load(run.path).sample([33]), many[33:34])
    assert not torch.equal(many[0], many[1])


def test_samples_come_from_the_average(run):
    from safetensors.torch import load_file

    (checkpoint,) = sorted((run.path / "checkpoints").iterdir())[-1:]
    average = load_file(checkpoint / "training.safetensors")["average.generator.project.weight"]
    live = load_file(checkpoint / "model.safetensors")["generator.project.weight"]
    assert torch.equal(run.generator.project.weight, average)
    assert not torch.equal(average, live)


def test_a_class_can_be_given_by_number_and_by_name(conditional):
    names = conditional.class_names
    assert len(names) == 8
    assert torch.equal(conditional.sample([1, 2], 3), conditional.sample([1, 2], names[3]))
    assert torch.equal(conditional.sample([1, 2], [3, 3]), conditional.sample([1, 2], 3))
    assert torch.equal(conditional.sample([8, 9]), conditional.sample([8, 9], [0, 1]))


def test_an_unknown_class_is_refused(run, conditional):
    with pytest.raises(BadSetting, match="without classes"):
        run.sample([0], 1)
    with pytest.raises(BadSetting, match="0 to 7"):
        conditional.sample([0], 8)
    with pytest.raises(BadSetting, match=f"Did you mean '{conditional.class_names[0]}'"):
        conditional.sample([0], conditional.class_names[0] + "x")


def test_interpolation_refuses_wrong_arguments(run):
    for words, what in (
        ({"label": 1}, "without classes"), ({"frames": 1}, "a frame for each"), ({"frames": 9.5}, "frames = 9.5"),
        ({"truncation": True}, "give a number"), ({"space": "q"}, "neither z"),
    ):  # fmt: skip
        with pytest.raises(BadSetting, match=what):
            run.walk([0, 1], **words)


def test_a_mixing_sheet_refuses_a_negative_noise_seed(run):
    with pytest.raises(BadSetting, match="noise_seed = -1"):
        run.style_mix([0], [1], noise_seed=-1)


def test_a_sheet_is_a_picture(run):
    assert np.asarray(run.sheet(range(6), columns=3)).shape == (2 * 66 + 2, 3 * 66 + 2, 3)


def test_resuming_continues_the_run(tmp_path):
    settings = {"batch_size": 4, "device": "cpu"}
    first = ganzoo.train("dcgan", images=8, out=tmp_path / "run", settings=SMALL, **settings)
    second = ganzoo.train(resume=first.path, images=16)
    assert second.path == first.path
    assert [line["images"] for line in second.metrics()][-1] == 16


def test_a_resumed_run_may_compute_other_metrics(tmp_path):
    toy = {"device": "cpu", "out": tmp_path / "run", "settings": {"metric.modes.classifier": None}}
    first = ganzoo.train("toy", images=512, evaluate="modes,fd", features="raw", **toy)
    again = ganzoo.train(resume=first.path, images=1024, evaluate="kid,modes@512", features="random")
    config = again.config
    assert (config.names("metric"), config.name("features")) == (("kid", "modes"), "random")
    assert config["metric.modes.classifier"] is None
    assert config.settings["metric.modes.classifier"].source == "command line"
    assert config["metric.kid.subsets"] == 100
    assert {"eval/kid", "eval/modes"} <= set(again.metrics()[-1]) and "eval/fd" not in again.metrics()[-1]
    assert config.qualified_names("metric") == ("ganzoo-core:kid", "ganzoo-core:modes")
    ganzoo.train(resume=first.path, images=1536, evaluate="none")
    assert not ganzoo.load(first.path).config.names("metric")


def test_a_resumed_run_keeps_its_other_components_and_refuses_a_metric_that_does_not_fit(tmp_path):
    first = ganzoo.train("toy", images=512, device="cpu", out=tmp_path / "run")
    with pytest.raises(BadSetting, match="trained with loss = .*, which cannot change while resuming. Drop --loss"):
        ganzoo.train(resume=first.path, images=1024, loss="hinge")
    with pytest.raises(DoesNotFit, match="metric 'cas' needs"):
        ganzoo.train(resume=first.path, images=1024, evaluate="cas")
    assert not ganzoo.load(first.path).config.names("metric")


def test_callbacks_receive_logged_values(tmp_path):
    from ganzoo.training.callbacks import Callback

    class Count(Callback):
        events = 0

        def on_metrics(self, event):
            self.events += 1

    count = Count()
    ganzoo.train("dcgan", images=8, batch_size=4, device="cpu", out=tmp_path / "run", callbacks=lambda engine: [count],
                 settings={**SMALL, "run.log_every": 4})  # fmt: skip
    assert count.events == 2


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(BadRun, match="not a run folder"):
        ganzoo.load(tmp_path)


def test_wrong_seeds_and_labels_are_refused(conditional):
    for seeds, label in (([], None), ([-1], None), ([0, 1], [1]), ([0], [1, 2])):
        with pytest.raises(BadSetting):
            conditional.sample(seeds, label)
    assert conditional.sample(np.arange(3)).shape[0] == 3
    with pytest.raises(BadSetting, match="columns"):
        conditional.sheet([0], columns=0)


@pytest.mark.parametrize("seeds", [[], [-1], [2**70], [1.5], ["1"], [True]])
def test_a_seed_is_a_whole_number(run, seeds):
    with pytest.raises(BadSetting, match="seed"):
        run.sample(seeds)


def test_numbers_of_numpy_are_seeds_too(run):
    assert torch.equal(run.sample(np.arange(2)), run.sample([0, 1]))


def test_metrics_may_be_named_in_one_text(run):
    assert list(run.evaluate("fd,modes", samples=16).values) == ["fd", "modes"]


def test_a_run_from_a_gpu_is_sampled_without_one(run, tmp_path):
    import shutil

    shutil.copytree(run.path, tmp_path / "gpu")
    config = tmp_path / "gpu" / "config.toml"
    config.write_text(config.read_text().replace('device = "cpu"', 'device = "cuda:7"'))
    assert torch.equal(ganzoo.load(tmp_path / "gpu").sample([1]), run.sample([1]))


def test_the_same_call_with_auto_continues_in_its_folder(tmp_path):
    same = {"loss": "wgan-gp", "batch_size": 4, "device": "cpu", "settings": SMALL, "out": tmp_path / "run"}
    for images in (20, 40):
        run = ganzoo.train("dcgan", images=images, resume="auto", **same)
        assert run.metrics()[-1]["images"] == images
    with pytest.raises(BadSetting, match="another configuration"):
        ganzoo.train("dcgan", images=60, resume="auto", **{**same, "loss": "hinge"})


def test_whether_a_run_has_classes_depends_on_a_capability_not_a_name(tmp_path):
    plugin = tmp_path / "quiet_head.py"
    plugin.write_text(
        "from ganzoo import Component, hookimpl\n"
        "from ganzoo.nn.heads import LinearHead\n\n"
        "@hookimpl\ndef ganzoo_components():\n"
        "    yield Component('conditioning', 'quiet', 'quiet_head:LinearHead', 'ignores labels')\n"
    )
    run = ganzoo.train("dcgan", conditioning="quiet", images=8, batch_size=4, device="cpu", settings=SMALL,
                       plugins=[str(plugin)], out=tmp_path / "run")  # fmt: skip
    assert run.class_names == ()
