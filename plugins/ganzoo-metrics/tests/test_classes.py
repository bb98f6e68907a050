import pytest
import torch
from ganzoo_metrics.classes import IntraClassDistance

from ganzoo import BadData, DoesNotFit
from ganzoo.components.metrics import Moments, frechet_distance


@pytest.fixture
def sides(normal):
    labels = torch.arange(300) % 3
    offsets = torch.tensor([[0.0, 0], [10, 0], [0, 10]])[labels]
    return labels, normal(300, 2) + offsets, normal(300, 2, seed=1) + offsets


def test_mean_over_classes_of_their_distances(inputs, sides):
    labels, real, fake = sides
    metric_value = IntraClassDistance()(inputs(real, fake, labels))["ifd"]
    each = [frechet_distance(*(Moments.of(x[labels == k]) for x in (real, fake))) for k in range(3)]
    assert metric_value.value == pytest.approx(sum(each) / 3)
    assert 0 < metric_value.error < 1


def test_wrong_classes_raise_this_distance_and_not_that_of_all_samples(inputs, sides):
    labels, real, fake = sides
    made = inputs(real, fake, labels, fake_labels=(labels + 1) % 3)
    assert IntraClassDistance()(made)["ifd"].value > 90
    assert frechet_distance(made.real.moments, made.fake.moments) < 1


def test_no_labels_an_empty_class_and_an_unconditional_generator_are_refused(inputs, sides):
    labels, real, fake = sides
    with pytest.raises(BadData, match="ifd needs labels"):
        IntraClassDistance()(inputs(real, fake))
    with pytest.raises(BadData, match="class 1 has 0 of 300"):
        IntraClassDistance()(inputs(real, fake, labels, fake_labels=labels // 2 * 2))
    made = inputs(real, fake, labels)
    made.conditional = False
    with pytest.raises(DoesNotFit, match="takes class labels"):
        IntraClassDistance()(made)
