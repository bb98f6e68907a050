import pytest
import torch

from ganzoo.interfaces.protocols import TermContext


class Constant:
    """Randomness that gives one value after another, the last for ever."""

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
    """Makes a scene of a discriminator, reals and fakes, whose draws are the given numbers."""

    def make(discriminator, real, fake, *drawn):
        size = len(real)
        labels = torch.zeros(size, dtype=torch.int64)
        rng = Constant(size, *(drawn or (0.3,)))
        return TermContext(
            discriminator, lambda z, y: z, real, lambda: fake, labels, torch.zeros(size, 2), rng, lambda x: x
        )

    return make
