from dataclasses import replace

import pytest
import torch
from ganzoo_losses.lecam import LeCam

from ganzoo import ScoredSamples
from ganzoo.assembly.build import assemble, build_engine
from ganzoo.checks.resume import resume_differences
from ganzoo.checks.runs import shrink_config
from ganzoo.config.layers import Layer
from ganzoo.config.resolution import Request, resolve
from ganzoo.registry.registry import load_registry

REAL = torch.tensor([[3.0], [1.0]])
FAKE = torch.tensor([[0.0], [-2.0]])


def identity(x, labels):
    return x[:, 0]


def test_the_first_value_by_hand(context):
    value = LeCam(weight=2)(context(identity, REAL, FAKE))  # anchors are the batch's own means, 2 and -1
    assert value.item() == pytest.approx(2 * ((16 + 4) / 2 + (4 + 16) / 2))


def test_the_second_value_by_hand(context):
    term = LeCam(weight=1, decay=0.5)
    term(context(identity, REAL, FAKE))
    value = term(context(identity, REAL - 3, FAKE + 1))
    real = (0.25 * 2 + 0.5 * -1) / 0.75
    fake = (0.25 * -1 + 0.5 * 0) / 0.75
    expected = (max(0, 0 - fake) ** 2 + max(0, -2 - fake) ** 2) / 2
    expected += (max(0, real - 1) ** 2 + max(0, real + 1) ** 2) / 2
    assert value.item() == pytest.approx(expected, rel=1e-5)


def test_constant_logits_keep_their_anchors(context):
    term = LeCam()
    values = [term(context(identity, REAL, FAKE)).item() for _ in range(50)]
    assert values == pytest.approx([values[0]] * 50, rel=1e-4)


def test_it_pulls_the_sides_together_and_ignores_swapped_logits(context):
    logits = {"real": REAL[:, 0].clone().requires_grad_(), "fake": FAKE[:, 0].clone().requires_grad_()}
    known = {side: ScoredSamples(REAL, said) for side, said in logits.items()}
    LeCam()(replace(context(identity, REAL, FAKE), known=known)).backward()
    assert (logits["real"].grad > 0).all()
    assert (logits["fake"].grad < 0).any()
    assert LeCam()(context(identity, torch.full((2, 1), -1.0), torch.ones(2, 1))) == 0


def test_anchors_pass_no_gradient(context):
    weight = torch.tensor(1.0, requires_grad=True)
    LeCam(weight=1)(context(lambda x, labels: weight * x[:, 0], REAL, FAKE)).backward()
    assert weight.grad == 2 * (4 * 3 + 2 * 1) / 2 + 2 * (2 * 0 - 4 * -2) / 2  # anchors 2 and -1 held fixed


def test_the_state_dict_holds_the_anchors(context):
    first, second = LeCam(), LeCam()
    first(context(identity, REAL, FAKE))
    second.load_state_dict(first.state_dict())
    later = context(identity, REAL - 1, FAKE)
    assert torch.equal(first(later), second(later))


def test_patch_logits_average_over_all_positions(context):
    flat = LeCam()(context(identity, REAL, FAKE))
    assert LeCam()(context(lambda x, labels: x[:, :, None].expand(-1, 2, 2), REAL, FAKE)) == flat


def test_nothing_is_read_on_the_host(context):
    term = LeCam().to("meta")  # a meta tensor has no value to read
    assert term(context(identity, REAL.to("meta"), FAKE.to("meta"))).is_meta


def test_a_run_resumes_with_its_anchors(tmp_path):
    found = load_registry()

    def build():
        layer = Layer("test", {"term": ("lecam",)})
        return build_engine(assemble(found, shrink_config(found, resolve(found, Request("toy", (layer,))))), found)

    assert resume_differences(build, tmp_path) == []
