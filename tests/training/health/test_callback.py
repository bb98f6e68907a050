"""Health metrics are logged when due, change nothing, and are the same in a resumed run."""

import json
import math

import pytest
import torch

from ganzoo.assembly.build import build_engine
from ganzoo.runs.folder import create_run
from ganzoo.training import checkpoints
from ganzoo.training.callbacks import Callback, MetricsEvent
from ganzoo.training.health.callback import EVERY, HealthCallback, make_health_callback
from ganzoo.training.health.rules import WARMUP_STEPS
from ganzoo.training.loop import run_training
from ganzoo.training.signals import StopRequest
from ganzoo.workflows.train import train_run

CLOSE = {"run.batch_size": 50, "run.images": 2 * EVERY, "run.log_every": EVERY // 2, "generator.width": 2,
         "discriminator.width": 2}  # fmt: skip
COLLAPSE, DISCRIMINATOR = {"health/spread", "health/distinct"}, {"health/discriminator"}
GRADIENTS = {"health/gradient.generator", "health/gradient.discriminator"}


class Log(Callback):
    """Keeps the logged health metrics."""

    def __init__(self):
        self.logged = {}

    def on_metrics(self, event):
        self.logged[event.images] = {name: v for name, v in event.values.items() if name.startswith("health/")}


@pytest.fixture
def observed(build, catalogue):
    """An engine after a few steps, and its callback."""

    def make(recipe="dcgan", steps=2, **values):
        assembly = build(recipe, **{"run.workers": 0, **values})
        engine = build_engine(assembly, catalogue)
        for _ in range(steps):
            engine.step()
        return engine, HealthCallback(engine, assembly.dataset, num_classes=assembly.num_classes)

    return make


def snapshot(engine):
    """The state in a checkpoint, and gradients and modes."""
    tensors = {**checkpoints.model_tensors(engine), **checkpoints.training_tensors(engine)}
    for name, player in engine.players.items():
        for index, parameter in enumerate(player.parameters):
            tensors[f"{name}.{index}.grad"] = parameter.grad.clone()
    modes = [module.training for player in engine.players.values() for module in player.module.modules()]
    moving = [p.requires_grad for player in engine.players.values() for p in player.parameters]
    return {name: tensor.clone() for name, tensor in tensors.items()}, modes, moving


@pytest.mark.parametrize(("steps", "read"), [(1, False), (2, True), (4, True), (5, False)])
def test_the_gradient_of_a_lazy_term_is_not_logged(observed, steps, read):
    values = {"run.batch_size": EVERY, "dataset.count": 64, "generator.width": 2, "discriminator.width": 2}
    engine, health = observed("dcgan", steps, term=("r1",), **{"term.r1.every": 4, **values})
    metrics = health.metrics_to_log(engine.images_seen).keys()
    assert "health/gradient.generator" in metrics
    assert ("health/gradient.discriminator" in metrics) is read


@pytest.mark.parametrize(
    ("recipe", "values"),
    [("dcgan", {}), ("dcgan", {"conditioning": "projection"}), ("dcgan", {"loss": "wgan-gp"}), ("sngan", {}),
     ("toy", {}), ("dcgan", {"augmentation": "packing", "run.batch_size": 8})],
)  # fmt: skip
def test_measuring_changes_nothing_and_is_complete(observed, recipe, values):
    engine, health = observed(recipe, **values)
    before = snapshot(engine)
    metrics = health.metrics_to_log(EVERY)
    after = snapshot(engine)
    assert before[1:] == after[1:]
    assert all(torch.equal(before[0][name], after[0][name]) for name in before[0])
    assert set(metrics) - {"health/overfit"} == COLLAPSE | DISCRIMINATOR | GRADIENTS | (
        {"health/noise"} if "conditioning" in values else set()
    )
    assert all(math.isfinite(value) for value in metrics.values())
    assert metrics == health.metrics_to_log(EVERY)


def test_metrics_are_due_every_few_thousand_images_and_at_the_end(observed):
    _, health = observed(steps=0, **{**CLOSE, "run.images": 2 * EVERY + 100})
    due = [images for images in range(0, 2 * EVERY + 100, EVERY // 2) if health.metrics_to_log(images)]
    assert due == [EVERY, 2 * EVERY]
    assert health.metrics_to_log(2 * EVERY + 100)


def test_a_run_shorter_than_the_interval_logs_none(observed):
    _, health = observed(**{"run.images": 64})
    assert health.metrics_to_log(64) == {}


def test_a_resumed_run_logs_the_same_and_ends_the_same(observed, tmp_path):
    straight, health = observed("toy", steps=0, **CLOSE)
    log = Log()
    run_training(straight, [health, log], StopRequest())
    unmeasured, _ = observed("toy", steps=0, **CLOSE)
    run_training(unmeasured, [], StopRequest())
    first, health = observed("toy", steps=60, **CLOSE)
    checkpoint = checkpoints.save_checkpoint(first, tmp_path, {})
    second, health = observed("toy", steps=0, **CLOSE)
    checkpoints.restore_engine(second, checkpoint)
    again = Log()
    run_training(second, [health, again], StopRequest())
    assert set(again.logged) < set(log.logged)
    assert all(again.logged[images] == log.logged[images] for images in again.logged)
    ours, theirs, plain = (checkpoints.model_tensors(engine) for engine in (straight, second, unmeasured))
    assert all(torch.equal(ours[name], theirs[name]) and torch.equal(ours[name], plain[name]) for name in ours)


def test_a_collapsed_generator_is_reported_in_one_line_each(build, catalogue):
    assembly, said = build("dcgan"), []
    engine = build_engine(assembly, catalogue)
    health = HealthCallback(engine, assembly.dataset, num_classes=0, say=said.append)
    engine.step()
    with torch.no_grad():
        for parameter in engine.averages["generator"].module.parameters():
            parameter.zero_()
    for number in range(3):
        values = dict(health.metrics_to_log(EVERY))
        health.on_metrics(MetricsEvent(EVERY, EVERY, WARMUP_STEPS + number, 1.0, 1.0, values))
    assert values["health/spread"] == pytest.approx(0.0, abs=1e-6)
    assert [line.split()[1] for line in said] == ["health/spread", "health/distinct"]
    assert all("\n" not in line for line in said)


def test_a_conditional_generator_that_ignores_its_noise_is_measured(observed):
    engine, health = observed(conditioning="projection")
    with torch.no_grad():
        engine.averages[
            "generator"
        ].module.project.weight.zero_()  # only the class still has an effect, through the norms
    metrics = health.metrics_to_log(EVERY)
    assert metrics["health/noise"] == pytest.approx(0.0, abs=1e-6)


def test_it_can_be_switched_off(build, catalogue):
    for on in (True, False):
        assembly = build("toy", **{"run.health": on})
        engine = build_engine(assembly, catalogue)
        assert len(make_health_callback(engine, assembly.dataset, num_classes=0, say=print)) == on


def test_metrics_are_written_to_the_run(build, catalogue, tmp_path):
    folder = create_run("x", out=tmp_path / "run")
    train_run(catalogue, build("toy", **CLOSE), folder)
    lines = [json.loads(line) for line in folder.metrics.read_text().splitlines()]
    read = [line["images"] for line in lines if COLLAPSE | DISCRIMINATOR | GRADIENTS <= line.keys()]
    assert read == [EVERY, 2 * EVERY]
    assert "<h2>Health</h2>" in folder.report.read_text()
