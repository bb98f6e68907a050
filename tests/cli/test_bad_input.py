"""A user's mistake: exit code 2, at most three lines, the offender named, nothing left on disk."""

import io
import json
import os
import re
import shutil
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganzoo.cli.main import run

TINY = ["--images", "8", "--batch-size", "4", "-s", "generator.width=4", "-s", "discriminator.width=4",
        "-s", "dataset.resolution=8", "-s", "dataset.count=16", "--device", "cpu"]  # fmt: skip

LONG = "x" * 300
"""No file system takes such a name."""


def png(size=(8, 8), mode="RGB", colour=0):
    stream = io.BytesIO()
    Image.new(mode, size, colour).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with everything that can be wrong with data, and one good run."""
    base = tmp_path_factory.mktemp("bad")
    for name in ("empty", "mixed", "one", "two", "cut", "odd"):
        (base / name).mkdir()
    (base / "mixed" / "a.png").write_bytes(png((8, 8)))
    (base / "mixed" / "b.png").write_bytes(png((16, 12)))
    (base / "one" / "a.png").write_bytes(png())
    (base / "odd" / "a.png").write_bytes(png((30, 30)))
    (base / "cut" / "a.png").write_bytes(png((64, 64))[:60])
    for kind in ("cats", "dogs"):
        (base / "two" / kind).mkdir()
        (base / "two" / kind / "a.png").write_bytes(png(colour=(9, 9, len(kind))))
    (base / "text.txt").write_text("hello")
    (base / "broken.zip").write_bytes(b"PK nothing")
    with zipfile.ZipFile(base / "escape.zip", "w") as archive:
        archive.writestr("../out.png", png())
    np.savez(base / "wrong.npz", images=np.zeros((3, 5), np.complex64))
    (base / "bad.toml").write_text("a = [")
    (base / "typo.toml").write_text('recipe = "dcgan"\n[generator]\nwidht = 3\n')
    (base / "shape.toml").write_text("none = 3")
    (base / "broken_plugin.py").write_text("def (")
    (base / "dangling").symlink_to(base / "gone")
    (base / "notes").mkdir()
    (base / "notes" / "a.txt").write_text("x")
    (base / "full").mkdir()
    (base / "full" / "keep.txt").write_text("mine")
    before = os.getcwd()
    os.chdir(base)
    assert run(["train", "dcgan", *TINY, "--out", "run"]) == 0
    os.chdir(before)
    return base


CASES = [
    (["trian"], "train"),
    (["train"], "dcgan"),
    (["train", "dcgna"], "'dcgan'"),
    (["train", "dcgan", "--loss", "wgna-gp"], "'wgan-gp'"),
    (["train", "dcgan", "--loss", "dcgan"], "is a"),
    (["train", "dcgan", "--term", "gradient"], "gradient-penalty"),
    (["train", "dcgan", "--generator", "stylegan9"], "generator"),
    (["train", "dcgan", "--discriminator", "dcgam"], "'dcgan'"),
    (["train", "dcgan", "--conditioning", "projektion"], "'projection'"),
    (["train", "dcgan", "--constraint", "spectral"], "spectral-norm"),
    (["train", "dcgan", "--augmentation", "adaa"], "Did you mean 'ada'"),
    (["train", "dcgan", "--losss", "hinge"], "--loss"),
    (["train", "dcgan", "--set", "generator.widht=3"], "'generator.width'"),
    (["train", "dcgan", "--set", "width=3"], "width"),
    (["train", "dcgan", "--set", "generator.width"], "--set path.to.setting=value"),
    (["train", "dcgan", "--set", "generator.width=wide"], "int >= 1"),
    (["train", "dcgan", "--set", "generator.width=-1"], "int >= 1"),
    (["train", "dcgan", "--set", "discriminator.norm=bach"], "'batch'"),
    (["train", "dcgan", "--set", "optimizer.generator.lr=nan"], "finite"),
    (["train", "dcgan", "--set", "optimizer.generator.lr=0"], "> 0"),
    (["train", "dcgan", "--set", "optimizer.generator.beta1=1"], "beta1"),
    (["train", "dcgan", "--set", "optimizer.generator.name=adma"], "'adam'"),
    (["train", "dcgan", "--set", "optimizer.critic.lr=1"], "'optimizer.critic.lr'"),
    (["train", "dcgan", "--set", "loss=hinge"], "--loss hinge"),
    (["train", "dcgan", "--batch-size", "0"], ">= 1"),
    (["train", "dcgan", "--batch-size", "many"], "int"),
    (["train", "dcgan", "--images", "0"], ">= 1"),
    (["train", "dcgan", "--images", "lots"], "such as 200k or 2M"),
    (["train", "dcgan", "--term", "r1", "--term", "r1"], "Name it once"),
    (["train", "dcgan", "--term", "none", "--term", "r1"], "stands alone"),
    (["train", "toy", "--config", "typo.toml"], "name one of the two"),
    (["interpolate", "run", "--fps", "60", "--out", "walk.gif"], ".webp"),
    (["sample", "run", "--noise-seed", "99999999999999999999"], "--noise-seed"),
    (["classifier", "one", "--out", ""], "classifier-one.safetensors"),
    (["train", "dcgan", "--time", "soon"], "30m"),
    (["train", "dcgan", "--seed", "-1"], ">= 0"),
    (["train", "dcgan", "--device", "tpu"], "tpu"),
    (["train", "dcgan", "--device", "cuda:77"], "cuda:77"),
    (["train", "dcgan", "--precision", "fp8"], "'bf16'"),
    (["train", "dcgan", "--resolution", "31"], "--resolution"),
    (["train", "dcgan", "--resolution", "big"], "--resolution"),
    (["train", "dcgan", "--resolution", "2"], "resolution"),
    (["train", "dcgan", "--data", "spritse"], "'sprites'"),
    (["train", "dcgan", "--data", "./nowhere"], "nowhere"),
    (["train", "dcgan", "--data", "empty"], "empty"),
    (["train", "dcgan", "--data", "notes"], "notes"),
    (["train", "dcgan", "--data", "text.txt"], "text.txt"),
    (["train", "dcgan", "--data", "mixed"], "--resolution"),
    (["train", "dcgan", "--data", "cut"], "a.png"),
    (["train", "dcgan", "--data", "odd"], "--resolution"),
    (["train", "dcgan", "--data", "broken.zip"], "broken.zip"),
    (["train", "dcgan", "--data", "escape.zip"], "../out.png"),
    (["train", "dcgan", "--data", "wrong.npz"], "wrong.npz"),
    (["train", "dcgan", "--data", "torchvision:CIFAR11"], "CIFAR10"),
    (["train", "dcgan", "--data", "ring-8"], "generator 'dcgan' needs 'image'"),
    (["train", "dcgan", "--data", "one", "--conditioning", "projection"], "each class lies in a sub-folder"),
    (["train", "dcgan", "--term", "gradient-penalty", "-s", "discriminator.norm=batch"], "discriminator.norm=none"),
    (["train", "dcgan", "--config", "missing.toml"], "missing.toml"),
    (["train", "dcgan", "--config", "bad.toml"], "bad.toml"),
    (["train", "--config", "typo.toml"], "'generator.width'"),
    (["train", "dcgan", "--out", "full"], "It is no run: choose another --out"),
    (["train", "dcgan", "--out", "text.txt"], "text.txt"),
    (["train", "--resume", "nowhere"], "nowhere"),
    (["train", "--resume", "full"], "full"),
    (["train", "wgan", "--resume", "run"], "recipe = dcgan"),
    (["train", "--resume", "run", "--loss", "hinge"], "--loss"),
    (["train", "--resume", "run", "--set", "generator.width=8"], "Drop generator.width"),
    (["train", "--resume", "rnu"], "'rnu' is not a run folder: it does not exist. Did you mean 'run'?"),
    (["sample", "one"], "'one' is not a run folder: it holds no config.toml."),
    (["train", "--resume", "run", "--images", "1"], "ask for more than --images 1"),
    (["train", "--resume", "run", "--batch-size", "8"], "run.batch_size"),
    (["train", "--resume", "run", "--seed", "9"], "run.seed"),
    (["train", "--resume", "run", "--out", "elsewhere"], "--out elsewhere"),
    (["train", "dcgan", "--batch-size", "4", "--set", "run.accumulate=8"], "run.accumulate"),
    (["train", "dcgan", "--plugin", "broken_plugin.py"], "broken_plugin.py"),
    (["train", "dcgan", "--out", "dangling"], "dangling"),
    (["train", "--config", "shape.toml"], "list of texts"),
    (["sample", "run", "--grid", "2x2", "--seeds", "0-3", "--out", "folder"], "--grid"),
    (["--plugin", "nowhere.py", "list"], "nowhere.py"),
    (["list", "lossess"], "loss"),
    (["show", "dcgna"], "dcgan"),
    (["show", "term"], "ganzoo list term"),
    (["train", "--resume"], "ganzoo train --help"),
    (["train", "dcgan", "--loss", "WGAN-GP"], "Did you mean 'wgan-gp'"),
    (["evaluate", "run", "--metrics", "xx"], "Choose from"),
    (["sample"], "RUN"),
    (["sample", "nowhere"], "nowhere"),
    (["sample", "full"], "full"),
    (["sample", "run", "--seeds", "five"], "0-63"),
    (["sample", "run", "--seeds", "9-3"], "9-3"),
    (["sample", "run", "--class", "3"], "--class"),
    (["sample", "run", "--grid", "8by8"], "8x8"),
    (["sample", "run", "--grid", "2x2", "--seeds", "0-8"], "2x2"),
    (["sample", "run", "--out", "x.gif5"], ".png"),
    (["sample", "run", "--truncation", "0.5"], "'styles'"),
    (["sample", "run", "--truncation", "nan"], "truncation"),
    (["sample", "run", "--truncation", "half"], "--truncation"),
    (["sample", "run", "--style-mix", "2", "2"], "'styles'"),
    (["sample", "run", "--style-mix", "2", "2", "--seeds", "0-2"], "2 + 2 seeds"),
    (["sample", "run", "--style-mix", "2", "2", "--mix", "corse"], "coarse"),
    (["sample", "run", "--mix", "fine"], "--style-mix"),
    (["interpolate", "run", "--seeds", "1"], "two seeds"),
    (["interpolate", "run", "--space", "w"], "'styles'"),
    (["interpolate", "run", "--class", "3"], "without classes"),
    (["interpolate", "run", "--space", "q"], "'q'"),
    (["interpolate", "run", "--out", "walk.mp4"], ".webp"),
    (["interpolate", "run", "--out", "empty"], "no film format"),
    (["sample", "run/config.toml"], "Name the folder: run"),
    (["evaluate", "text.txt"], "it is a file"),
    (["train", "dcgan", "--data", "run"], "ganzoo train --resume"),
    (["train", "dcgan", "--data", "sprites:foo"], "'sprites' takes no path"),
    (["classifier", "sprites", "--out", "text.txt/scorer.safetensors"], "cannot write"),
    (["train", "stylegan2-small", "--resolution", "30"], "--resolution"),
    (["train", "toy", "--augmentation", "ada"], "'image'"),
    (["train", "dcgan", "--augmentation", "packing", "--conditioning", "projection"], "'unconditional'"),
    (["train", "dcgan", "--schedule", "learning-rate", "-s", "schedule.learning-rate.over=0"], "over"),
    (["train", "dcgan", "--schedule", "term-weight"], "--term r1 --term r2"),
    (
        ["train", "toy", "--schedule", "learning-rate", "-s", "schedule.learning-rate.begin=9M", "--images", "64"],
        "begin",
    ),
    (
        ["train", "toy", "--term", "r1", "--schedule", "term-weight", "-s", "schedule.term-weight.of=r1,r3"],
        "term.r3.weight, which this run does not have. Add --term r3",
    ),
    (["train", "toy", "--schedule", "beta2", "-s", "optimizer.generator.name=sgd"], "which sgd does not use"),
    (["train", "toy", "-s", "optimizer.generator.name=sgd", "-s", "optimizer.generator.beta2=0.9"], "would do nothing"),
    (["train", "wgan", "-s", "optimizer.generator.beta1=0.9"], "rmsprop does not use it"),
    (["train", "toy", "--set", "run.mirror=true"], "run.mirror would do nothing"),
    (["train", "toy", "--features", "raw"], "Add --evaluate"),
    (["train", "toy", "--set", "run.evaluate_every=64"], "Add --evaluate"),
    (["train", "toy", "--set", "term.r1.weight=3"], "term 'r1' is not in this run. Add --term r1"),
    (["train", "toy", "--set", "los=hinge"], "Did you mean 'loss'?"),
    (["train", "dcgan", "--set", "dataset.path=photos"], "--data PATH"),
    (["train", "toy", "--resolution", "32"], "drop --resolution"),
    (["train", "dcgan", "--evaluate", "fd", "--weights", "text.txt"], "drop --weights"),
    (["train", "dcgan", "--evaluate", "@5k"], "fd,modes@50k"),
    (["train", "dcgan", "--evaluate", "fdd"], "'fdd'"),
    (["train", "dcgan", "--evaluate", "dc", "-s", "run.evaluate_samples=4"], "run.evaluate_samples=6"),
    (["train", "dcgan", "--evaluate", "pr", "-s", "dataset.count=3"], "not 3: give it more"),
    (["train", "dcgan", "--set", "run.held_out=20k"], "run.held_out"),
    (["evaluate", "run", "--metrics", "fdd"], "'fdd'"),
    (["evaluate", "run", "--metrics", "fd", "--samples", "1"], "--samples"),
    (["evaluate", "run", "--metrics", "ifd"], "'conditional'"),
    (["evaluate", "run", "--metrics", "inception-score"], "'probabilities'"),
    (["train", "dcgan", "--evaluate", "fd", "--features", "inception"], "Inception weights"),
    (["train", "dcgan", "--evaluate", "fd", "--features", "timm:resnet18"], "weights"),
    (["train", "toy", "--evaluate", "cas"], "cas"),
    (["train", "dcgan", "--data", "one", "--evaluate", "fd", "--features", "classifier"], "classifier:sprites"),
    (["train", "dcgan", "--evaluate", "modes", "-s", "metric.modes.classifier=gone.safetensors"], "gone.safetensors"),
    (["evaluate", "run", "--features", "inception"], "Inception weights"),
    (["evaluate", "run", "--features", "timm:resnet18"], "weights"),
    (["evaluate", "run", "--features", "classifier:gone.safetensors"], "gone.safetensors"),
    (["evaluate", "nowhere"], "nowhere"),
    (["compare", "nowhere"], "nowhere"),
    (["leaderboard", "--recipes", "dcgna"], "dcgan"),
    (["leaderboard", "--recipes", "toy", "--seeds", "0", "--set", "run.seed=5"], "run.seed = "),
    (["leaderboard", "--recipes", "toy", "--images", "64", "-s", "run.images=128"], "run.images = "),
    (["classifier", "sprites", "--resolution", "16", "-s", "dataset.resolution=32"], "dataset.resolution = "),
    (["train", "dcgan", "--images", "64", "--set", "run.images=32"], "run.images = 32 is also set by an option"),
    (["train", "dcgan", "--set", "run.images=32", "--set", "run.images=64"], "it is 32 already"),
    (
        ["train", "--resume", "run", "--evaluate", "fd@32", "-s", "run.evaluate_every=64"],
        "run.evaluate_every = 64 is also set",
    ),
    (
        ["evaluate", "run", "--metrics", "fd", "--weights", "a.safetensors", "-s", "features.weights=b"],
        "is also set by an option",
    ),
    (["evaluate", "run", "--features", "timm:resnet10t", "-s", "features.model=resnet18"], "is also set by an option"),
    (["evaluate", "run", "--metrics", "fd", "--set", "kid.subsets=5"], "no setting 'kid.subsets'"),
    (["evaluate", "run", "--metrics", "kid", "--set", "metric.kdi.subsets=5"], "Did you mean 'metric.kid.subsets'"),
    (["train", "dcgan", "--data", "two", "--out", "two/run"], "among the images"),
    (["train", "dcgan", "--batch-size", "1000000000000000000000"], "run.batch_size"),
    (["train", "dcgan", "--resolution", "100000000000000000000"], "dataset.resolution"),
    (["evaluate", "run", "--metrics", "fd", "--set", "metric.kid.subsets=5"], "metric 'kid' is not computed"),
    (["evaluate", "run", "--metrics", "fd", "--set", "dataset.resolution=32"], "a run keeps its settings"),
    (["evaluate", "run", "--metrics", "fd", "--set", "dataset.path=one"], "generated, not read from a path"),
    (["evaluate", "run", "--metrics", "fd", "--features", ""], "no features ''"),
    (["classifier", "nowhere"], "nowhere"),
    (["train", "--resume", "run", "--resolution", "16"], "Drop dataset.resolution"),
    (["train", "dcgan", "--out", LONG], "Choose another path"),
    (["train", "dcgan", "--data", LONG], "Choose another path"),
    (["train", "--resume", LONG], "Choose another path"),
    (["sample", LONG], "Choose another path"),
    (["leaderboard", "--recipes", "toy", "--out", LONG], "Choose another path"),
]


@pytest.mark.parametrize(("words", "named"), CASES, ids=[" ".join(words).replace(LONG, "long") for words, _ in CASES])
def test_a_mistake_is_one_clear_line(place, words, named, capsys, monkeypatch):
    monkeypatch.chdir(place)
    before = sorted(place.rglob("*"))
    code = run(words)
    said = capsys.readouterr().err.strip()
    assert code == 2, said
    assert 1 <= len(said.splitlines()) <= 2, said
    assert named in said
    assert "Traceback" not in said
    left = [path for path in sorted(place.rglob("*")) if path not in before and path.name != ".lock"]
    assert left == []


def test_there_are_at_least_forty_cases():
    assert len(CASES) >= 40


def test_a_read_only_folder_is_named(place, capsys, monkeypatch):
    if os.geteuid() == 0:
        monkeypatch.setattr("pathlib.Path.mkdir", _refuse)
    locked = place / "locked"
    os.makedirs(locked, exist_ok=True)
    locked.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert run(["train", "dcgan", *TINY, "--out", str(locked / "run")]) == 2
    assert "--out" in capsys.readouterr().err
    locked.chmod(0o755)


def _refuse(self, *args, **kwargs):
    raise PermissionError(13, "Permission denied", str(self))


def test_a_full_disk_keeps_the_last_checkpoint(place, capsys, monkeypatch):
    from ganzoo.training import checkpoints

    monkeypatch.chdir(place)
    assert run(["train", "dcgan", *TINY, "--out", "disk"]) == 0
    good = checkpoints.list_checkpoints(place / "disk" / "checkpoints")

    def full(content, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints, "save_file", full)
    assert run(["train", "--resume", "disk", "--images", "16"]) == 2
    said = capsys.readouterr().err
    assert "No space left on device" in said
    assert "resume" in said
    assert checkpoints.list_checkpoints(place / "disk" / "checkpoints") == good
    checkpoints.verify_checkpoint(good[-1])


def test_data_smaller_than_a_batch_are_reported(place, capsys, monkeypatch):
    monkeypatch.chdir(place)
    words = ["train", "dcgan", "--data", "two", "--images", "8", "--batch-size", "8", "--out", "small",
             "-s", "generator.width=4", "-s", "discriminator.width=4"]  # fmt: skip
    assert run(words) == 0
    assert "2 samples, fewer than a batch of 8" in " ".join(capsys.readouterr().out.split())


def test_a_damaged_checkpoint_is_skipped(place, capsys, monkeypatch):
    monkeypatch.chdir(place)
    assert run(["train", "dcgan", *TINY, "--images", "16", "--out", "hurt", "-s", "run.checkpoint_every=8"]) == 0
    newest = sorted((place / "hurt" / "checkpoints").iterdir())[-1]
    (newest / "model.safetensors").write_bytes(b"junk")
    capsys.readouterr()
    assert run(["sample", "hurt"]) == 2
    said = capsys.readouterr().err
    (advised,) = re.findall(r"To use step-\d+ instead: rm -r (\S+)", said)
    assert Path(advised).resolve() == newest.resolve()
    assert run(["train", "--resume", "hurt", "--images", "24"]) == 0
    resumed = " ".join(capsys.readouterr().out.split())
    assert "does not match its manifest. Falling back" in resumed and "rm -r" not in resumed
    lines = [json.loads(line) for line in (place / "hurt" / "metrics.jsonl").read_text().splitlines()]
    assert [line["images"] for line in lines] == sorted({line["images"] for line in lines})


def test_a_false_manifest_or_sheet_does_not_prevent_resuming(place, capsys, monkeypatch):
    monkeypatch.chdir(place)
    assert run(["train", "dcgan", *TINY, "--images", "16", "--out", "odd-run", "-s", "run.checkpoint_every=8"]) == 0
    (place / "odd-run" / "samples" / "best.png").write_bytes(b"")
    newest = sorted((place / "odd-run" / "checkpoints").iterdir())[-1]
    (newest / "manifest.json").write_text("[]")
    assert run(["train", "--resume", "odd-run", "--images", "24"]) == 0
    assert "Falling back" in " ".join(capsys.readouterr().out.split())


def test_brackets_in_a_path_are_printed(place, capsys, monkeypatch):
    monkeypatch.chdir(place)
    assert run(["train", "dcgan", *TINY, "--out", "q[bold]x"]) == 0
    assert "q[bold]x/report.html" in capsys.readouterr().out


def write_loss(place, name, body):
    """Write a plugin file ``NAME_loss.py`` that registers its class Loss."""
    (place / f"{name}_loss.py").write_text(
        f"from ganzoo import Component, hookimpl\n{body}\n\n@hookimpl\ndef ganzoo_components():\n"
        f"    yield Component('loss', '{name}', '{name}_loss:Loss', 'a loss of our own')\n"
    )


def test_a_run_with_its_own_plugin_resumes_with_and_without_naming_it(place, monkeypatch):
    monkeypatch.chdir(place)
    write_loss(place, "own", "from ganzoo.components.losses.non_saturating import NonSaturating as Loss")
    assert run(["train", "dcgan", *TINY, "--plugin", "own_loss.py", "--loss", "own", "--out", "own-run"]) == 0
    assert run(["train", "--resume", "own-run", "--images", "12"]) == 0
    assert run(["train", "--resume", "own-run", "--images", "16", "--plugin", "own_loss.py"]) == 0


def test_a_folder_with_the_name_of_a_data_set_is_reported(place, capsys, monkeypatch):
    monkeypatch.chdir(place)
    (place / "sprites").mkdir()
    small = ["--images", "8", "--batch-size", "4", "-s", "generator.width=4", "-s", "discriminator.width=4"]
    for _ in range(2):  # the second time the folder is the run, which continues
        words = [
            "train",
            "dcgan",
            "--data",
            "sprites",
            *small,
            "--device",
            "cpu",
            "--resume",
            "auto",
            "--out",
            "sprites",
        ]
        assert run(words) == 0
        assert "not on your folder of that name: write ./sprites" in " ".join(capsys.readouterr().out.split())


def test_a_repeated_seed_is_one_file(place, capsys, monkeypatch):
    monkeypatch.chdir(place)
    assert run(["sample", "run", "--seeds", "0-3,2", "--out", "files"]) == 0
    assert "4 samples in files" in capsys.readouterr().out
    assert len(list((place / "files").iterdir())) == 4


def test_samples_are_not_written_among_the_training_images(place, capsys, monkeypatch):
    monkeypatch.chdir(place)
    (place / "photos").mkdir()
    for number in range(8):
        (place / "photos" / f"{number}.png").write_bytes(png((16, 16), colour=(number, 0, 0)))
    small = ["-s", "run.images=8", "-s", "run.batch_size=4", "-s", "generator.width=4", "-s", "discriminator.width=4"]
    assert run(["train", "dcgan", "--data", "photos", *small, "--device", "cpu", "--out", "of-photos"]) == 0
    for words in (["sample", "of-photos", "--out", "photos"], ["sample", "of-photos", "--out", "photos/new/sheet.png"],
                  ["interpolate", "of-photos", "--frames", "2", "--out", "photos/walk.gif"]):  # fmt: skip
        assert run(words) == 2
        assert "among the images" in capsys.readouterr().err
    assert len(list((place / "photos").rglob("*"))) == 8
    assert run(["sample", "of-photos", "--seeds", "0", "--out", "photos2"]) == 0


def test_samples_and_comparisons_need_no_data(place, capsys, monkeypatch):
    """What a checkpoint records of its data is enough."""
    monkeypatch.chdir(place)
    shutil.copytree(place / "two", place / "lent")
    words = ["train", "dcgan", "--data", "lent", "--images", "8", "--batch-size", "4", "--out", "orphan",
             "-s", "generator.width=4", "-s", "discriminator.width=4"]  # fmt: skip
    assert run(words) == 0
    shutil.rmtree(place / "lent")
    assert run(["sample", "orphan", "--seeds", "0-3"]) == 0
    assert run(["compare", "orphan", "run"]) == 0
    assert run(["evaluate", "orphan", "--metrics", "fd", "--samples", "4"]) == 2
    assert "lent" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["{bad", "[3]", "{}"])
def test_a_damaged_line_of_metrics_is_named(place, line, capsys, monkeypatch):
    monkeypatch.chdir(place)
    shutil.copytree(place / "run", place / "blotted", dirs_exist_ok=True)
    with (place / "blotted" / "metrics.jsonl").open("a") as file:
        file.write(f"{line}\n")
    for words in (["train", "--resume", "blotted", "--images", "999"], ["compare", "run", "blotted"]):
        assert run(words) == 2
        assert "metrics.jsonl holds no metrics: delete that line" in capsys.readouterr().err


def test_a_bug_in_a_plugin_file_leads_to_the_check(place, capsys, monkeypatch):
    monkeypatch.chdir(place)
    write_loss(place, "half", "class Loss:\n    relativistic = False\n    def discriminator(self, real): return real")
    assert run(["train", "dcgan", *TINY, "--plugin", "half_loss.py", "--loss", "half", "--out", "half-run"]) == 70
    assert "First check the plugin: ganzoo check --plugin half_loss.py\n" in capsys.readouterr().err
    assert run(["check", "--plugin", "half_loss.py"]) == 1
    assert "FAILED loss half" in capsys.readouterr().out


@pytest.mark.parametrize("change", ["generator.depth=1", "generator.depth=3", "generator.noise=false"])
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_a_run_keeps_the_networks_it_was_trained_with(ganzoo, tmp_path, monkeypatch, change, optimizer):
    monkeypatch.chdir(tmp_path)
    small = ["--resolution", "8", "--images", "8", "--batch-size", "4", "--device", "cpu", "--set", "run.workers=0"]
    narrow = [f"--set={player}.{name}=8" for player in ("generator", "discriminator")
              for name in ("channel_base", "max_channels")]  # fmt: skip
    chosen = ["--set", f"optimizer.generator.name={optimizer}", "--set", "optimizer.generator.beta1=0"]
    assert ganzoo("train", "stylegan2-small", *small, *narrow, *chosen, "--out", "run").code == 0
    said = ganzoo("train", "--resume", "run", "--images", "16", "--set", change)
    assert said.code == 2
    assert f"Drop {change.partition('=')[0]}, or start a new run" in said.err
