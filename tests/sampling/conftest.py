"""A tiny real generator with styles."""

import pytest
import torch
from torch import nn


class Painter(nn.Module):
    """Writes the style of each of its three layers into a row of the image and adds noise."""

    latent_dim, style_dim, num_styles = 4, 4, 3

    def __init__(self):
        super().__init__()
        self.to_style = nn.Linear(4, 4)
        self.register_buffer("mean_style", torch.tensor([1.0, 2.0, 3.0, 4.0]))

    def mapping(self, latents, labels):
        return (self.to_style(latents) + labels[:, None]).unsqueeze(1).repeat(1, 3, 1)

    def synthesis(self, styles, noise=None):
        (noise,) = noise or self.make_noise(0)
        return styles.unsqueeze(1) + noise

    def make_noise(self, seed):
        return (torch.randn(1, 1, 3, 4, generator=torch.Generator().manual_seed(seed)),)

    def forward(self, latents, labels):
        return self.synthesis(self.mapping(latents, labels))


@pytest.fixture
def painter():
    torch.manual_seed(0)
    return Painter().eval().requires_grad_(False)
