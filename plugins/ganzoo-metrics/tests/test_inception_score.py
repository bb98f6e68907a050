import pytest
import torch
from ganzoo_metrics.inception_score import InceptionScore

from ganzoo import BadData, DoesNotFit


class Probabilities(torch.nn.Module):
    """Images that are probabilities already."""

    name, resizer, dim = "probabilities", "none", 5

    def forward(self, images):
        return images

    def probabilities(self, images):
        return images


@pytest.fixture
def score(inputs):
    def read(p, splits=10):
        return InceptionScore(splits=splits)(inputs(p, p, features=Probabilities()))["inception_score"]

    return read


def test_uniform_predictions_score_one(score):
    metric_value = score(torch.full((100, 5), 0.2))
    assert metric_value.value == pytest.approx(1)
    assert metric_value.error == pytest.approx(0, abs=1e-12)
    assert metric_value.better == "higher"


@pytest.mark.parametrize("classes", [1, 2, 5])
def test_certain_predictions_of_k_equal_classes_score_k(score, classes):
    p = torch.nn.functional.one_hot(torch.arange(100) % classes, 5).float()
    assert score(p).value == pytest.approx(classes)


def test_each_split_is_scored_separately(score):
    p = torch.nn.functional.one_hot(torch.arange(100) // 50, 5).float()  # each half has one class
    assert score(p, splits=2).value == pytest.approx(1)
    assert score(p, splits=1).value == pytest.approx(2)
    assert score(p, splits=1).error is None


def test_it_uses_no_reals(inputs):
    p = torch.full((100, 5), 0.2)
    found = InceptionScore()(inputs(p[:2], p, features=Probabilities()))
    assert found["inception_score"].value == pytest.approx(1)


def test_by_the_definition(score, normal):
    p = (normal(90, 5) * 2).softmax(1).double()
    parts = p.chunk(3)
    expected = [(part * (part / part.mean(0)).log()).sum(1).mean().exp() for part in parts]
    metric_value = score(p.float(), splits=3)
    assert metric_value.value == pytest.approx(float(torch.stack(expected).mean()), rel=1e-5)
    assert metric_value.error == pytest.approx(float(torch.stack(expected).std()) / 3**0.5, rel=1e-4)


def test_it_equals_the_reference_implementation(score, normal):
    reference = pytest.importorskip("torch_fidelity.metric_isc", reason="torch-fidelity is not installed")
    logits = normal(200, 5) * 2
    expected = reference.isc_features_to_metric(logits, splits=10, shuffle=False)
    metric_value = score(logits.softmax(1), splits=10)
    assert metric_value.value == pytest.approx(expected["inception_score_mean"], rel=1e-5)
    spread = expected["inception_score_std"] * (10 / 9) ** 0.5  # theirs is that of a whole population
    assert metric_value.error == pytest.approx(spread / 10**0.5, rel=1e-4)


def test_features_without_probabilities_and_too_few_fakes_are_refused(inputs, score, normal):
    with pytest.raises(DoesNotFit, match=r"probabilities; 'flat' give none\. Choose others with --features"):
        InceptionScore()(inputs(normal(30, 3), normal(30, 3)))
    with pytest.raises(BadData, match="at least 20 generated samples, not 19"):
        score(torch.full((19, 5), 0.2))
    with pytest.raises(BadData, match="not finite"):
        score(torch.full((20, 5), torch.nan))
