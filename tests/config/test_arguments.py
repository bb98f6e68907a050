"""Arguments of the Python API: numpy's numbers, paths and any iterable are read, and mistakes are refused."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import ganzoo
from ganzoo.errors import BadRun, BadSetting, GanzooError, UnknownName

SMALL = {"generator.width": 4, "discriminator.width": 4, "dataset.resolution": 8, "dataset.count": 64}
TINY = {"images": 8, "batch_size": 4, "device": "cpu"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return ganzoo.train("dcgan", conditioning="projection", **TINY, settings=SMALL,
                        out=tmp_path_factory.mktemp("arguments") / "run")  # fmt: skip


@pytest.fixture(scope="module")
def styled(tmp_path_factory):
    return ganzoo.train("stylegan2-small", images=8, batch_size=4, device="cpu", resolution=8,
                        settings={"generator.channel_base": 16, "discriminator.channel_base": 16},
                        out=tmp_path_factory.mktemp("arguments") / "styled")  # fmt: skip


def test_numbers_of_numpy_train_as_plain_ones(tmp_path):
    numbers = {"images": np.int64(8), "batch_size": np.int32(4), "seed": np.arange(3)[2], "time": np.float64(900)}
    made = ganzoo.train(np.str_("dcgan"), device="cpu", settings={**SMALL, "dataset.count": np.int64(64)},
                        term=np.array(["gradient-penalty"]), out=tmp_path / "run", **numbers)  # fmt: skip
    assert (made.config["run.seed"], made.config["run.images"]) == (2, 8)
    assert made.config.names("term") == ("gradient-penalty",)


@pytest.mark.parametrize("nothing", [[], (), "none"], ids=repr)
def test_an_empty_list_drops_the_recipes_terms(tmp_path, nothing):
    small = {"generator.channel_base": 16, "discriminator.channel_base": 16}
    made = ganzoo.train("stylegan2-small", term=nothing, **TINY, resolution=8, settings=small, out=tmp_path / "run")
    assert made.config.names("term") == ()


def test_paths_are_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("sprites").mkdir()  # a data set is called so: a path is never taken for a name
    for number in range(4):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(f"sprites/{number}.png")
    small = {"generator.width": 4, "discriminator.width": 4}
    made = ganzoo.train("dcgan", data=Path("sprites"), **TINY, settings=small, out="run")
    assert made.config["dataset.path"] == str(tmp_path / "sprites")
    assert torch.equal(ganzoo.Run("run").sample([0]), ganzoo.load("run").sample([0]))


def test_any_iterable_is_a_list(run, styled):
    seeds = [3, 1, 2]
    wanted = run.sample(seeds, [0, 1, 0])
    assert torch.equal(run.sample((s for s in seeds), (k for k in [0, 1, 0])), wanted)
    assert torch.equal(run.sample(np.array(seeds), np.array([0, 1, 0])), wanted)
    assert torch.equal(run.sample(torch.tensor(seeds), torch.tensor([0, 1, 0])), wanted)
    assert torch.equal(run.sample([3], np.int64(1)), run.sample([3], 1))
    assert run.walk((s for s in seeds), np.int64(4)).shape[0] == 4
    assert styled.style_mix(iter([0, 1]), np.arange(2), noise_seed=np.int32(3)).size == (3 * 66 + 2, 3 * 66 + 2)
    noisy = styled.sample([0], truncation=np.float32(0.5), noise_seed=np.int64(3))
    assert torch.equal(noisy, styled.sample([0], truncation=0.5, noise_seed=3))


def test_evaluations_take_them_too(run):
    found = run.evaluate((name for name in ["fd", "dc"]), samples=np.int64(16), seed=np.int32(1)).values
    assert set(found) == {"fd", "dc"}
    assert set(run.evaluate(" fd , dc", samples="16", seed=1).values) == {"fd", "dc"}


WRONG = [
    (lambda run: run.evaluate("fd", checkpoint="bset"), "checkpoint = 'bset': choose newest or best"),
    (lambda run: run.evaluate("fd", checkpoint=None), "choose newest or best"),
    (lambda run: run.evaluate("fd", seed=-1), "seed = -1"),
    (lambda run: run.evaluate("fd", seed=None), "seed = None"),
    (lambda run: run.evaluate("fd", samples=float("nan")), "samples = nan"),
    (lambda run: run.evaluate("fd", samples=1), "samples = 1"),
    (lambda run: run.evaluate(5), "metrics = 5: give a list"),
    (lambda run: run.evaluate([5]), "metrics = 5 is no text"),
    (lambda run: run.evaluate([]), "no metric named"),
    (lambda run: run.evaluate("fd", features=5), "features = 5 is no text"),
    (lambda run: run.evaluate("fd", settings=["metric.kid.subsets=5"]), "give a dictionary"),
    (lambda run: run.sample(5), "seeds = 5: give a list"),
    (lambda run: run.sample(None), "seeds = None: give a list"),
    (lambda run: run.sample(np.array(3)), "seeds = array"),
    (lambda run: run.sample("123"), "seeds = '123'"),
    (lambda run: run.sample([0], 1.5), "label = 1.5: give a list"),
    (lambda run: run.sample([0], truncation="0.7"), "truncation = '0.7'"),
    (lambda run: run.walk([0, 1], None), "frames = None"),
    (lambda run: run.walk([0, 1], True), "frames = True"),
    (lambda run: run.walk(5, 10), "seeds = 5"),
    (lambda run: run.sheet([0], columns=None), "columns = None"),
    (lambda run: run.sheet([0], columns=10**9), "columns = 1000000000"),
    (lambda run: run.sheet([0], columns=2.5), "columns = 2.5"),
    (lambda run: ganzoo.train(5), "recipe = 5 is no text"),
    (lambda run: ganzoo.train("dcgan", loss=5), "loss = 5 is no text"),
    (lambda run: ganzoo.train("dcgan", term=5), "term = 5: give a list"),
    (lambda run: ganzoo.train("dcgan", data=5), "data = 5 is no text"),
    (lambda run: ganzoo.train("dcgan", evaluate=5), "evaluate = 5: give a list"),
    (lambda run: ganzoo.train("dcgan", features=5), "features = 5 is no text"),
    (lambda run: ganzoo.train("dcgan", settings={5: 4}), "give a dictionary"),
    (lambda run: ganzoo.train("dcgan", settings=[("generator.width", 4)]), "give a dictionary"),
    (lambda run: ganzoo.train("dcgan", plugins=5), "plugins = 5: give a list"),
    (lambda run: ganzoo.train("dcgan", out=5), "out = 5 is no text"),
    (lambda run: ganzoo.train("dcgan", config=["a.toml"]), r"config = \['a.toml'\] is no text"),
    (lambda run: ganzoo.train("dcgan", callbacks=[]), "callbacks: give a function"),
    (lambda run: ganzoo.load(None), "path = None is no text"),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "what"), WRONG, ids=[what for _, what in WRONG])
def test_a_wrong_argument_is_refused_in_one_line(run, tmp_path, monkeypatch, ask, what):
    monkeypatch.chdir(tmp_path)
    before = set(run.path.rglob("*"))
    with pytest.raises(BadSetting, match=what) as caught:
        ask(run)
    assert "\n" not in str(caught.value)
    assert set(run.path.rglob("*")) == before and not list(tmp_path.iterdir())


def test_other_mistakes_are_named(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownName, match="metric 'kid' is not computed. Add it to --metrics"):
        run.evaluate("fd", samples=16, settings={"metric.kid.subsets": 5})
    with pytest.raises(UnknownName, match="a run keeps its settings"):
        run.evaluate("fd", samples=16, settings={"dataset.resolution": 16})
    with pytest.raises(BadSetting, match="are generated, not read from a path"):
        run.evaluate("fd", samples=16, settings={"dataset.path": "photos"})
    with pytest.raises(GanzooError, match="no features ''"):
        run.evaluate("fd", samples=16, features="")
    with pytest.raises(BadRun, match="is not a run folder"):
        ganzoo.Run("nope").metrics()
    with pytest.raises(UnknownName, match="no plugin file .*mine.py"):
        ganzoo.train("dcgan", plugins="mine.py")


def test_a_run_that_goes_on_is_sampled_from_its_new_checkpoint(tmp_path):
    """A run caches its generator only as long as its checkpoint stays the newest."""
    first = ganzoo.train("dcgan", **TINY, settings=SMALL, out=tmp_path / "run")
    before, generator = first.sample([0]), first.generator
    assert first.generator is generator
    second = ganzoo.train(resume=first.path, images=64)
    assert first.config["run.images"] == 64
    assert not torch.equal(first.sample([0]), before)
    assert torch.equal(first.sample([0]), second.sample([0]))
    assert first.manifest == second.manifest
    shutil.rmtree(first.path)
    third = ganzoo.train("dcgan", **{**TINY, "images": 64}, seed=1, settings=SMALL, out=first.path)
    assert torch.equal(first.sample([0]), third.sample([0]))


def test_an_error_of_the_callers_own_is_not_hidden(run):
    def broken():
        yield 0
        raise TypeError("my own")

    with pytest.raises(TypeError, match="my own"):
        run.sample(broken())


def test_a_path_among_the_settings_and_a_single_plugin_are_taken(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    (tmp_path / "mine.py").write_text(
        "from ganzoo import hookimpl\n\n\n@hookimpl\ndef ganzoo_components():\n    return []\n"
    )
    small = {"generator.width": 4, "discriminator.width": 4, "dataset.path": tmp_path}
    out = tmp_path.with_name(f"{tmp_path.name}-run")
    made = ganzoo.train("dcgan", data="folder", plugins=tmp_path / "mine.py", **TINY, settings=small, out=out)
    assert made.config["dataset.path"] == str(tmp_path)
    assert ganzoo.Run(out, plugins=str(tmp_path / "mine.py")).sample([0]).shape == (1, 3, 8, 8)
    assert ganzoo.load(out, plugins=None).plugins == ()


def test_a_wrong_value_in_a_saved_configuration_is_named(run, tmp_path):
    text = (run.path / "config.toml").read_text()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.toml").write_text(text.replace("batch_size = 4", "batch_size = 'x'"))
    with pytest.raises(BadRun, match=r"config.toml': run.batch_size = 'x': .* Fix it"):
        ganzoo.train(resume=tmp_path / "run")
