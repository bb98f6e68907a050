import pytest
import torch
from ganzoo_metrics.path_length import PathLength, average_trimmed, slerp
from torch import nn

from ganzoo import BadData, DoesNotFit

DIM = 256


class Linear(nn.Module):
    """Images that are a multiple of the latent."""

    latent_dim = DIM

    def __init__(self, factor=1.0):
        super().__init__()
        self.factor = factor

    def forward(self, latents, labels):
        assert len(latents) == len(labels)
        return self.factor * latents


class Styled(Linear):
    """The same through two styles, each three times the latent."""

    def mapping(self, latents, labels):
        return 3 * latents[:, None].expand(-1, 2, -1)

    def synthesis(self, styles, noise=None):
        assert styles.shape[1:] == (2, DIM)
        return self.factor * styles[:, 0]


@pytest.fixture
def read(inputs, normal):
    def make(generator, paths=400):
        samples = normal(40, DIM)
        return PathLength(paths=paths)(inputs(samples, samples, generator=generator))

    return make


@pytest.mark.parametrize("factor", [1.0, 0.1])
def test_arcs_of_a_linear_generator(read, factor):
    """In many dimensions latents are at right angles and of length sqrt(Z): speed pi / 2 * sqrt(Z)."""
    found = read(Linear(factor))
    assert set(found) == {"ppl_z"}
    assert found["ppl_z"].value == pytest.approx(factor**2 * DIM * (torch.pi / 2) ** 2, rel=0.03)


def test_lines_between_styles_of_a_linear_generator(read):
    """Ends are independent: squared speed 2 Z times the mapping's square."""
    found = read(Styled(0.5))
    assert found["ppl_w"].value == pytest.approx(0.5**2 * 3**2 * 2 * DIM, rel=0.03)
    assert set(found) == {"ppl_z", "ppl_w"}


def test_a_constant_generator_has_length_zero(read):
    assert read(Linear(0.0))["ppl_z"].value == 0


def test_the_longest_and_the_shortest_hundredth_are_left_out(read):
    class Cliff(Linear):
        """One path in some hundreds crosses a cliff."""

        calls = 0

        def forward(self, latents, labels):
            self.calls += 1
            return latents + (1e6 if self.calls == 2 else 0) * (torch.arange(len(latents)) == 0)[:, None]

    assert read(Cliff())["ppl_z"].value == pytest.approx(read(Linear())["ppl_z"].value, rel=0.02)


def test_slerp_follows_the_circle_at_constant_speed():
    a, b = torch.tensor([[1.0, 0.0]]).double(), torch.tensor([[0.0, 1.0]]).double()
    for t in (0.0, 0.25, 1.0):
        angle = torch.tensor(t * torch.pi / 2).double()
        expected = torch.stack([angle.cos(), angle.sin()])[None]
        torch.testing.assert_close(slerp(a, b, torch.tensor([[t]]).double()), expected)


@pytest.mark.parametrize("end", [2.0, -3.0])
def test_parallel_latents_are_interpolated_linearly(end):
    a, b = torch.ones(1, 1).double(), torch.full((1, 1), end).double()
    found = slerp(a, b, torch.full((1, 1), 0.25).double())
    torch.testing.assert_close(found, torch.lerp(a, b, 0.25))


def test_tf32_is_restored(read):
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    read(Linear(), paths=100)
    assert (torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32) == before


def test_generators_without_latents_and_non_finite_values_are_refused(read):
    with pytest.raises(DoesNotFit, match="needs a generator that takes latents"):
        read(nn.Identity())
    with pytest.raises(BadData, match="not finite"):
        read(Linear(float("inf")), paths=100)


@pytest.mark.parametrize("skew", [0.0, 1.5])
def test_the_error_is_the_deviation_of_repeated_measurements(skew, normal):
    """Also for long tails, where the remaining values understate the variation of the percentiles."""
    drawn = normal(500, 1_000).double()
    found = torch.tensor([average_trimmed(row) for row in (torch.exp(skew * drawn) if skew else drawn)])
    assert float(found[:, 1].mean()) == pytest.approx(float(found[:, 0].std()), rel=0.1)
