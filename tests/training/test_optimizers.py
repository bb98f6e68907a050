"""Optimisers by name, and learning rate schedules."""

import pytest
import torch

from ganzoo.config.run_settings import OptimizerSettings
from ganzoo.training.optimizers import build_optimizer


@pytest.mark.parametrize("name", ["adam", "adamw", "rmsprop", "sgd"])
def test_every_optimiser_descends(name):
    weight = torch.nn.Parameter(torch.tensor([3.0]))
    optimizer = build_optimizer(OptimizerSettings(name=name, lr=0.05, beta1=0.0, beta2=0.9), [weight])
    for _ in range(200):
        optimizer.zero_grad()
        weight.square().sum().backward()
        optimizer.step()
    assert abs(weight.item()) < 0.2


def test_weight_decay_pulls_to_zero():
    weight = torch.nn.Parameter(torch.tensor([3.0]))
    optimizer = build_optimizer(OptimizerSettings(name="adamw", lr=0.1, weight_decay=0.5), [weight])
    weight.grad = torch.zeros(1)
    optimizer.step()
    assert weight.item() == pytest.approx(3.0 * (1 - 0.1 * 0.5))


@pytest.mark.parametrize(
    ("schedule", "half", "end"), [("constant", 1.0, 1.0), ("linear", 0.5, 0.0), ("cosine", 0.5, 0.0)]
)
def test_schedules_at_half_way_and_at_the_end(schedule, half, end):
    settings = OptimizerSettings(lr=1e-3, schedule=schedule)
    assert settings.rate(0, 100) == pytest.approx(1e-3)
    assert settings.rate(50, 100) == pytest.approx(half * 1e-3)
    assert settings.rate(100, 100) == settings.rate(1000, 100) == pytest.approx(end * 1e-3)


def test_warmup_rises_to_the_full_rate():
    settings = OptimizerSettings(lr=1.0, warmup=100)
    rates = [settings.rate(seen, 10_000) for seen in (0, 49, 99, 500)]
    assert rates == pytest.approx([0.01, 0.5, 1.0, 1.0])
