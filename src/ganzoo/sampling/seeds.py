"""Samples by seed: equal seeds give equal samples on one device, whatever else is asked for beside them."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from ganzoo.config.arguments import read_list, to_python
from ganzoo.errors import BadSetting, nearest
from ganzoo.sampling.styles import SampleFunction

_CHUNK = 16
"""Samples are made in batches of this size, the last one filled up: batch size cannot change a sample."""


def read_seeds(seeds: Iterable[int]) -> list[int]:
    """Read seeds of samples.

    Raises:
        BadSetting: there is none, or one is no seed.
    """
    given = read_list("seeds", seeds, "range(16)")
    if not given:
        raise BadSetting("seeds are empty: give at least one.")
    return [read_seed("a seed", seed) for seed in given]


def read_seed(what: str, given: object) -> int:
    """Read what a stream of random numbers starts from; numpy's whole numbers are as good as Python's.

    Args:
        what: it is, for the message.
        given: a whole number.

    Raises:
        BadSetting: it is none.
    """
    value = to_python(given)
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or not 0 <= cast(int, value) < 2**63:
        raise BadSetting(f"{what} = {given!r}: give whole numbers from 0 on, below 2**63.")
    return cast(int, value)


def read_truncation(given: object) -> float:
    """Read a truncation.

    Args:
        given: psi, any number.

    Raises:
        BadSetting: it is no number.
    """
    value = to_python(given)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadSetting(f"truncation = {given!r}: give a number, 1 for none, 0.7 for less diverse samples.")
    return float(value)


def read_labels(seeds: Sequence[int], label: object, names: Sequence[str], run: str) -> list[int]:
    """Read the class of each sample.

    Args:
        seeds: of the samples.
        label: a class by number or name for all, or one each; None takes the classes in turn.
        names: of the classes, none for a run without.
        run: what it is called.

    Raises:
        BadSetting: there is no such class, or they are not as many as the seeds.
    """
    if not names and label is not None:
        raise BadSetting(f"'{run}' was trained without classes; drop --class.")
    if label is None:
        return [seed % len(names) if names else 0 for seed in seeds]
    if isinstance(alone := to_python(label), str | int):
        return [_class_in(alone, names, run)] * len(seeds)
    each = read_list("label", label, "[0, 1]")
    if len(each) != len(seeds):
        raise BadSetting(f"{len(each)} labels for {len(seeds)} seeds: give one each, or one for all.")
    return [_class_in(one, names, run) for one in each]


def _class_in(label: object, names: Sequence[str], run: str) -> int:
    if label in names:
        return names.index(str(label))
    if str(label).isdecimal() and int(str(label)) < len(names):
        return int(str(label))
    raise BadSetting(f"no class '{label}' in '{run}', which has 0 to {len(names) - 1}.{nearest(str(label), names)}")


def draw_latents(seeds: Sequence[int], latent_dim: int) -> Tensor:
    """Draw one latent a seed, ``(B, latent_dim)`` standard normal, on the CPU."""
    return torch.stack([torch.randn(latent_dim, generator=torch.Generator().manual_seed(seed)) for seed in seeds])


@torch.no_grad()
def sample(
    generator: nn.Module,
    seeds: Sequence[int],
    labels: Sequence[int],
    device: torch.device,
    make: SampleFunction | None = None,
) -> Tensor:
    """Make one sample a seed.

    Args:
        generator: in evaluation mode, on ``device``.
        seeds: one a sample.
        labels: class of each sample; zeros for a generator without classes.
        device: where the generator is.
        make: makes samples of latents and labels in a manner of its own; None calls the generator.

    Returns:
        ``(B, *shape)`` float32 on the CPU, images in [-1, 1].
    """
    latents = draw_latents(seeds, int(generator.latent_dim))  # type: ignore[arg-type]
    classes = torch.tensor(labels, dtype=torch.int64)
    chunks = []
    for start in range(0, len(seeds), _CHUNK):
        z, y = (_filled(t[start : start + _CHUNK]).to(device) for t in (latents, classes))
        chunks.append((make or generator)(z, y).float().cpu()[: len(seeds) - start])
    return torch.cat(chunks)


def _filled(tensor: Tensor) -> Tensor:
    return torch.cat([tensor, tensor[:1].expand(_CHUNK - len(tensor), *tensor.shape[1:])])
