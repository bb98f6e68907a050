"""Walks through latents or styles: a closed, smooth path through the given points."""

from __future__ import annotations

import torch
from torch import Tensor

from ganzoo.interfaces.networks import Generator, StyleGenerator
from ganzoo.sampling.styles import SampleFunction, synthesise, truncate

_CHUNK = 16


def closed_path(points_KD: Tensor, frames: int) -> Tensor:
    """Go round through points and back to the first, evenly in time.

    A closed Catmull-Rom spline (Catmull & Rom 1974): it passes through every point, and its speed has no jump
    anywhere, so a film of it loops.

    Args:
        points_KD: at least two points ``(K, *dims)``.
        frames: how many to take, the first at the first point.

    Returns:
        ``(frames, *dims)``.
    """
    count = len(points_KD)
    left, t = _places(count, frames, points_KD)
    t = t.view(-1, *(1 for _ in points_KD.shape[1:]))
    before, at, to, after = (points_KD[(left + shift) % count] for shift in (-1, 0, 1, 2))
    linear = (to - before) * t
    square = (2 * before - 5 * at + 4 * to - after) * t**2
    cubic = (3 * at - before - 3 * to + after) * t**3
    return at + 0.5 * (linear + square + cubic)


def on_shell(path_FD: Tensor, points_KD: Tensor) -> Tensor:
    """Bring a path through normal latents back to their typical length, which straight ways between them undercut."""
    count = len(points_KD)
    left, t = _places(count, len(path_FD), points_KD)
    lengths = points_KD.norm(dim=1)
    wanted = torch.lerp(lengths[left], lengths[(left + 1) % count], t)
    scale: Tensor = wanted / path_FD.norm(dim=1).clamp(min=1e-8)
    return path_FD * scale.unsqueeze(1)


def _places(count: int, frames: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Where each frame is: the point it has left, and how far it has come to the next, ``(frames,)`` each.

    They are found on the CPU, in numbers not every device has.
    """
    place = torch.arange(frames, dtype=torch.float64) * count / frames
    return (place.long() % count).to(like.device), (place - place.floor()).to(like.dtype).to(like.device)


def walk_in_styles(generator: StyleGenerator, latents: Tensor, labels: Tensor, frames: int, psi: float) -> Tensor:
    """Walk through the styles of some latents.

    Args:
        generator: in evaluation mode.
        latents: ``(K, latent_dim)``.
        labels: ``(K,)``.
        frames: samples on the way.
        psi: truncation.

    Returns:
        ``(frames, *shape)`` float32 on the CPU.
    """
    path = closed_path(truncate(generator, generator.mapping(latents, labels), psi), frames)
    return torch.cat([synthesise(generator, part, None).float().cpu() for part in torch.split(path, _CHUNK)])


def walk_in_latents(
    generator: Generator, latents: Tensor, labels: Tensor, frames: int, make: SampleFunction | None
) -> Tensor:
    """Walk through latents; the class is the first one's all the way."""
    path = on_shell(closed_path(latents, frames), latents)
    return torch.cat([
        (make or generator)(part, labels[:1].expand(len(part))).float().cpu() for part in torch.split(path, _CHUNK)
    ])  # fmt: skip
