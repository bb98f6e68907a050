import pytest
import torch
from ganzoo_conditional.heads import AuxiliaryClassifierHead, ConcatenationHead, ProjectionHead
from ganzoo_conditional.norm import ConditionalBatchNorm

from ganzoo.config.parameters import read_dependencies, read_parameters

HEADS = [ConcatenationHead, ProjectionHead, AuxiliaryClassifierHead]
LABELLED = [ConcatenationHead, ProjectionHead]
LABELS = torch.tensor([2, 0, 1, 2])
heads = pytest.mark.parametrize("head", HEADS, ids=lambda h: h.__name__)
labelled = pytest.mark.parametrize("head", LABELLED, ids=lambda h: h.__name__)


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


@pytest.fixture
def features():
    return torch.randn(4, 6)


@pytest.fixture
def patches():
    return torch.randn(4, 6, 2, 3)


@heads
def test_heads_take_the_features_and_the_number_of_classes(head):
    assert read_dependencies(head) == ("feature_dim", "num_classes")
    assert all(setting.help for setting in read_parameters(head).values())


@heads
def test_the_generator_gets_conditional_batch_norm(head):
    norm = head.norm(6, 3)
    assert isinstance(norm, ConditionalBatchNorm)
    assert norm.gains.shape == (3, 6)


@heads
def test_there_is_one_logit_per_sample(head, features):
    assert head(6, 3)(features, LABELS).logits.shape == (4,)


@heads
def test_a_patch_discriminator_has_one_logit_per_position(head, patches):
    made = head(6, 3)
    logits = made(patches, LABELS).logits
    assert logits.shape == (4, 2, 3)
    for i, j in ((0, 0), (1, 2)):
        torch.testing.assert_close(logits[:, i, j], made(patches[:, :, i, j], LABELS).logits)


@heads
def test_samples_are_scored_independently(head, features):
    made = head(6, 3)
    torch.testing.assert_close(made(features[1:2], LABELS[1:2]).logits, made(features, LABELS).logits[1:2])


@heads
def test_double_backward_is_finite(head, patches):
    made, x = head(6, 3), patches.requires_grad_()
    (slope,) = torch.autograd.grad(made(x, LABELS).logits.sum(), x, create_graph=True)
    slope.square().sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in made.parameters() if p.grad is not None)
    assert made.logit.weight.grad.abs().max() > 0


@heads
def test_state_dict_round_trip_is_exact(head, features):
    first, second = head(6, 3), head(6, 3)
    second.load_state_dict(first.state_dict())
    assert torch.equal(first(features, LABELS).logits, second(features, LABELS).logits)


@heads
def test_channels_last_computes_the_same(head, patches):
    made = head(6, 3)
    other = patches.to(memory_format=torch.channels_last)
    torch.testing.assert_close(made(other, LABELS).logits, made(patches, LABELS).logits)


@labelled
def test_label_and_image_interact(head, features):
    made = head(6, 3)
    gap = made(features, LABELS).logits - made(features, (LABELS + 1) % 3).logits
    again = made(features[[1, 0, 2, 3]], LABELS).logits - made(features[[1, 0, 2, 3]], (LABELS + 1) % 3).logits
    assert (gap - again)[:2].abs().min() > 1e-4  # a sum of two separate scores would give zero


@labelled
def test_there_are_no_further_losses(head, features):
    made = head(6, 3)
    output = made(features, LABELS)
    assert made.discriminator_losses(output, output, LABELS) == {}
    assert made.generator_losses(output, LABELS) == {}


def test_projection_equals_equation_3(features):
    head = ProjectionHead(6, 3)
    expected = []
    for phi, y in zip(features, LABELS, strict=True):
        psi = phi @ head.logit.weight[0] + head.logit.bias[0]
        expected.append(head.embed.weight[y] @ phi + psi)
    torch.testing.assert_close(head(features, LABELS).logits, torch.stack(expected))


def test_the_class_term_starts_on_the_scale_of_psi():
    head, features = ProjectionHead(1024, 10), torch.randn(64, 1024)
    psi = head.logit(features).std()
    projection = (head.embed(torch.arange(64) % 10) * features).sum(1).std()
    assert projection < 4 * psi


def test_concatenation_equals_its_formula(features):
    head = ConcatenationHead(6, 3, embed_dim=2, hidden_dim=5)
    beside = torch.cat([features, head.embed.weight[LABELS]], 1)
    hidden = beside @ head.joint.weight.T + head.joint.bias
    hidden = torch.where(hidden > 0, hidden, 0.2 * hidden)
    expected = (hidden @ head.logit.weight.T + head.logit.bias)[:, 0]
    torch.testing.assert_close(head(features, LABELS).logits, expected)


def by_hand(logits, labels):
    return torch.stack([row.logsumexp(0) - row[y] for row, y in zip(logits, labels, strict=True)]).mean()


def test_auxiliary_classifier_losses_are_cross_entropies(features):
    head = AuxiliaryClassifierHead(6, 3, real_weight=2.0, fake_weight=0.5, generator_weight=3.0)
    real, fake = head(features, LABELS), head(features.flip(0), LABELS)
    on_real, on_fake = (by_hand(v.extras["classes"], LABELS) for v in (real, fake))
    terms = head.discriminator_losses(real, fake, LABELS)
    torch.testing.assert_close(terms["classes_real"], 2.0 * on_real)
    torch.testing.assert_close(terms["classes_fake"], 0.5 * on_fake)
    torch.testing.assert_close(head.generator_losses(fake, LABELS)["classes"], 3.0 * on_fake)


def test_auxiliary_classifier_with_zero_weights_costs_nothing(features):
    head = AuxiliaryClassifierHead(6, 3, real_weight=0.0, fake_weight=0.0, generator_weight=0.0)
    output = head(features, LABELS)
    terms = {**head.discriminator_losses(output, output, LABELS), **head.generator_losses(output, LABELS)}
    assert all(term == 0 for term in terms.values())


def test_uniform_predictions_cost_the_logarithm_of_the_classes(features):
    head = AuxiliaryClassifierHead(6, 3)
    torch.nn.init.zeros_(head.classes.weight)
    torch.nn.init.zeros_(head.classes.bias)
    cost = head.generator_losses(head(features, LABELS), LABELS)["classes"]
    torch.testing.assert_close(cost, torch.tensor(3.0).log())


def test_the_class_of_patches_is_that_of_their_mean(patches):
    head = AuxiliaryClassifierHead(6, 3)
    classes = head(patches, LABELS).extras["classes"]
    assert classes.shape == (4, 3)
    torch.testing.assert_close(classes, head(patches.mean((2, 3)), LABELS).extras["classes"])


def test_the_class_loss_reaches_the_generator(features):
    head, x = AuxiliaryClassifierHead(6, 3), features.requires_grad_()
    head.generator_losses(head(x, LABELS), LABELS)["classes"].backward()
    assert (x.grad.abs().sum(1) > 0).all()
