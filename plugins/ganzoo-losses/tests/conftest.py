import pytest
import torch

from ganzoo import TermContext


class Constant:
    """An rng that returns the given values in turn, and repeats the last."""

    def __init__(self, size, *values):
        self.size, self.values, self.asked = size, list(values), []

    def uniform(self, *dims):
        self.asked.append(dims)
        value = self.values.pop(0) if len(self.values) > 1 else self.values[0]
        return torch.full((self.size, *dims), value)

    normal = uniform


@pytest.fixture
def images():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(4, 3, 2, 2, generator=generator), torch.randn(4, 3, 2, 2, generator=generator)


@pytest.fixture
def context():
    """Make a context of a discriminator, reals and fakes, whose rng returns the given numbers."""

    def make(discriminator, real, fake, *numbers):
        size = len(real)
        labels = torch.zeros(size, dtype=torch.int64)
        rng = Constant(size, *(numbers or (0.3,)))
        return TermContext(
            discriminator, lambda z, y: z, real, lambda: fake, labels, torch.zeros(size, 2), rng, lambda x: x
        )

    return make
