"""Walks through latents or styles: closed, smooth paths through given points."""

from __future__ import annotations

import torch
from torch import Tensor

from ganzoo.interfaces.networks import Generator, StyleGenerator
from ganzoo.sampling.styles import SampleFunction, synthesise, truncate

_CHUNK = 16


def interpolate_closed_path(points_KD: Tensor, frames: int) -> Tensor:
    """Interpolate a closed path through points, with equal time between neighbours.

    It is a closed Catmull-Rom spline (Catmull & Rom 1974), which passes through every point with a continuous speed, so
    an animation of it loops.

    Args:
        points_KD: at least two points ``(K, *dims)``.
        frames: number of points on the path; the first is the first of the given points.

    Returns:
        ``(frames, *dims)``.
    """
    count = len(points_KD)
    left, t = _locate_frames(count, frames, points_KD)
    t = t.view(-1, *(1 for _ in points_KD.shape[1:]))
    before, at, to, after = (points_KD[(left + shift) % count] for shift in (-1, 0, 1, 2))
    linear = (to - before) * t
    square = (2 * before - 5 * at + 4 * to - after) * t**2
    cubic = (3 * at - before - 3 * to + after) * t**3
    return at + 0.5 * (linear + square + cubic)


def restore_lengths(path_FD: Tensor, points_KD: Tensor) -> Tensor:
    """Rescale a path through normal latents to their typical length, which interpolation between them shortens."""
    count = len(points_KD)
    left, t = _locate_frames(count, len(path_FD), points_KD)
    lengths = points_KD.norm(dim=1)
    wanted = torch.lerp(lengths[left], lengths[(left + 1) % count], t)
    scale: Tensor = wanted / path_FD.norm(dim=1).clamp(min=1e-8)
    return path_FD * scale.unsqueeze(1)


def _locate_frames(count: int, frames: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Return each frame's last point by index and the fraction of the way to the next, ``(frames,)`` each.

    They are computed on the CPU, because some devices have no float64.
    """
    position = torch.arange(frames, dtype=torch.float64) * count / frames
    return (position.long() % count).to(like.device), (position - position.floor()).to(like.dtype).to(like.device)


def walk_in_styles(generator: StyleGenerator, latents: Tensor, labels: Tensor, frames: int, psi: float) -> Tensor:
    """Generate samples on a closed path through the styles of K latents.

    Args:
        generator: in evaluation mode.
        latents: ``(K, latent_dim)``.
        labels: ``(K,)``.
        frames: number of samples.
        psi: truncation; 1 leaves the styles unchanged.

    Returns:
        ``(frames, *shape)`` float32 on the CPU.
    """
    path = interpolate_closed_path(truncate(generator, generator.mapping(latents, labels), psi), frames)
    return torch.cat([synthesise(generator, part, None).float().cpu() for part in torch.split(path, _CHUNK)])


def walk_in_latents(
    generator: Generator, latents: Tensor, labels: Tensor, frames: int, make: SampleFunction | None
) -> Tensor:
    """Generate samples on a closed path through latents, all of the first label."""
    path = restore_lengths(interpolate_closed_path(latents, frames), latents)
    return torch.cat([
        (make or generator)(part, labels[:1].expand(len(part))).float().cpu() for part in torch.split(path, _CHUNK)
    ])  # fmt: skip
