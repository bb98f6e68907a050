import pytest
import torch
from ganzoo_metrics.accuracy import ClassificationAccuracy

from ganzoo import BadData, DoesNotFit


@pytest.fixture
def stripes(normal):
    """Images of two classes: brighter to the left, or to the top."""

    def make(count, seed):
        labels = torch.arange(count) % 2
        ramp = torch.linspace(1, -1, 8)
        clean = torch.where(labels[:, None, None] == 0, ramp[None, None], ramp[None, :, None])
        return (clean[:, None] + 0.5 * normal(count, 1, 8, 8, seed=seed)), labels

    return make


def test_right_labels_give_high_accuracy_and_shuffled_ones_do_not(inputs, stripes):
    real, labels = stripes(240, 0)
    fake, _ = stripes(240, 1)
    metric = ClassificationAccuracy(epochs=4)
    right = metric(inputs(real, fake, labels))
    shuffled = labels[torch.randperm(240, generator=torch.Generator().manual_seed(0))]
    wrong = metric(inputs(real, fake, labels, fake_labels=shuffled))
    assert right["cas"].value > 0.9 and right["cas_real"].value > 0.9
    assert wrong["cas"].value < 0.75 and wrong["cas_real"] == right["cas_real"]
    assert (right["cas"].better, right["cas_real"].better) == ("higher", "neither")


def test_fakes_equal_to_the_training_reals_score_the_same(inputs, stripes):
    real, labels = stripes(120, 0)
    found = ClassificationAccuracy(epochs=2)(inputs(real, real[:60], labels, fake_labels=labels[:60]))
    assert found["cas"].value == found["cas_real"].value


def test_the_test_reals_are_not_in_the_training_set(inputs, normal):
    """Random labels can only be memorised."""
    labels = torch.randint(10, (200,), generator=torch.Generator().manual_seed(2))
    points = normal(200, 32)
    metric = ClassificationAccuracy(epochs=20, lr=1e-2)
    found = metric(inputs(points, points[:100], labels, fake_labels=labels[:100]))
    assert found["cas"].value < 0.22 and found["cas_real"].value < 0.22  # a tenth, and four errors


def test_points_have_classes_too(inputs, normal):
    labels = torch.arange(400) % 4
    centres = torch.tensor([[0.0, 0], [4, 0], [0, 4], [4, 4]])[labels]
    made = inputs(normal(400, 2) * 0.3 + centres, normal(400, 2, seed=1) * 0.3 + centres, labels)
    assert ClassificationAccuracy(epochs=20)(made)["cas"].value > 0.9


def test_the_global_rng_stays_untouched(inputs, stripes):
    real, labels = stripes(40, 0)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    with torch.no_grad():
        once = ClassificationAccuracy(epochs=1)(inputs(real, real, labels))
    assert torch.equal(torch.get_rng_state(), before)
    assert once == ClassificationAccuracy(epochs=1)(inputs(real, real, labels))


def test_large_images_are_downsampled(inputs, normal):
    labels = torch.arange(16) % 2
    made = inputs(normal(16, 3, 40, 60), normal(16, 3, 40, 60, seed=1), labels)
    assert set(ClassificationAccuracy(epochs=1, resolution=10)(made)) == {"cas", "cas_real"}


def test_no_labels_one_class_too_few_and_unconditional_are_refused(inputs, stripes):
    real, labels = stripes(12, 0)
    metric = ClassificationAccuracy(epochs=1)
    with pytest.raises(BadData, match="cas needs labels, and the data has none"):
        metric(inputs(real, real))
    with pytest.raises(BadData, match="at least two classes"):
        metric(inputs(real, real, torch.zeros(12, dtype=torch.int64)))
    with pytest.raises(BadData, match="at least 4 real samples, not 3"):
        metric(inputs(real[:3], real, labels))
    made = inputs(real, real, labels)
    made.conditional = False
    with pytest.raises(DoesNotFit, match="takes class labels"):
        metric(made)
    with pytest.raises(BadData, match="cas: values of the real samples are not finite"):
        metric(inputs(real / 0, real, labels))


def test_a_last_batch_of_one_is_left_out(inputs, normal):
    labels = torch.arange(260) % 2
    made = inputs(normal(260, 3, 8, 8), normal(65, 3, 8, 8, seed=1), labels, fake_labels=labels[:65])
    assert set(ClassificationAccuracy(epochs=1)(made)) == {"cas", "cas_real"}
