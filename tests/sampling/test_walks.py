"""Walks that loop."""

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from ganzoo.sampling.walks import interpolate_closed_path, restore_lengths, walk_in_latents, walk_in_styles

POINTS = torch.randn(4, 6, generator=torch.Generator().manual_seed(0))


def test_the_path_passes_through_every_point_in_order():
    path = interpolate_closed_path(POINTS, 40)
    torch.testing.assert_close(path[::10], POINTS)


def test_the_path_is_smooth_also_from_the_last_frame_to_the_first():
    path = interpolate_closed_path(POINTS, 1600)
    speed = path.roll(-1, 0) - path
    jumps = (speed.roll(-1, 0) - speed).norm(dim=1)
    assert jumps.max() < 0.05 * speed.norm(dim=1).mean()


def test_a_path_through_two_points_goes_there_and_back():
    path = interpolate_closed_path(torch.tensor([[0.0], [1.0]]), 8)
    torch.testing.assert_close(path.flatten()[[0, 4]], torch.tensor([0.0, 1.0]))
    torch.testing.assert_close(path[1:4], path[5:].flip(0))


def test_latents_keep_their_typical_length():
    points = torch.randn(3, 512, generator=torch.Generator().manual_seed(0))
    path = restore_lengths(interpolate_closed_path(points, 30), points)
    lengths = points.norm(dim=1)
    assert lengths.min() - 1e-3 <= path.norm(dim=1).min()
    assert path.norm(dim=1).max() <= lengths.max() + 1e-3
    torch.testing.assert_close(path[::10], points)


@pytest.mark.parametrize("frames", [5, 40])
def test_walks_begin_at_the_first_sample(painter, frames):
    latents, labels = POINTS[:, :4], torch.zeros(4, dtype=torch.int64)
    first = painter(latents, labels)[0]
    for film in (
        walk_in_styles(painter, latents, labels, frames, 1.0),
        walk_in_latents(painter, latents, labels, frames, None),
    ):
        assert len(film) == frames
        torch.testing.assert_close(film[0], first)


def test_a_path_stays_on_the_device_of_its_points():
    with FakeTensorMode():  # no GPU is needed: only shapes and devices are computed
        points = torch.zeros(3, 4, device="cuda")
        path = restore_lengths(interpolate_closed_path(points, 7), points)
    assert path.device == points.device
    assert path.shape == (7, 4)
