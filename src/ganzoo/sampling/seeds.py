"""Samples by seed: equal seeds give equal samples on one device, whatever the other seeds are."""

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
"""Samples are made in batches of this size, the last one padded, so that the batch size cannot change a sample."""


def read_seeds(seeds: Iterable[int]) -> list[int]:
    """Validate a list of seeds.

    Raises:
        BadSetting: the list is empty, or holds something that is not a seed.
    """
    given = read_list("seeds", seeds, "range(16)")
    if not given:
        raise BadSetting("seeds are empty: give at least one.")
    return [read_seed("a seed", seed) for seed in given]


def read_seed(what: str, given: object) -> int:
    """Validate one seed, a Python or numpy integer.

    Args:
        what: name of the value in the error message.
        given: the value.

    Raises:
        BadSetting: it is not an integer from 0 to 2**63 - 1.
    """
    value = to_python(given)
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or not 0 <= cast(int, value) < 2**63:
        raise BadSetting(f"{what} = {given!r}: give whole numbers from 0 on, below 2**63.")
    return cast(int, value)


def read_truncation(given: object) -> float:
    """Validate a truncation psi.

    Raises:
        BadSetting: it is not a finite number.
    """
    value = to_python(given)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadSetting(f"truncation = {given!r}: give a number, 1 for none, 0.7 for less diverse samples.")
    return float(value)


def read_labels(seeds: Sequence[int], label: object, names: Sequence[str], run: str) -> list[int]:
    """Return the class of each sample.

    Args:
        seeds: seed of each sample.
        label: one class for all samples, by number or name, or a list with one per sample; None cycles through them.
        names: names of the classes; empty for a run without classes.
        run: name of the run in error messages.

    Raises:
        BadSetting: a class does not exist, or there are not as many labels as seeds.
    """
    if not names and label is not None:
        raise BadSetting(f"'{run}' was trained without classes; drop --class.")
    if label is None:
        return [seed % len(names) if names else 0 for seed in seeds]
    if isinstance(alone := to_python(label), str | int):
        return [_find_class(alone, names, run)] * len(seeds)
    each = read_list("label", label, "[0, 1]")
    if len(each) != len(seeds):
        raise BadSetting(f"{len(each)} labels for {len(seeds)} seeds: give one each, or one for all.")
    return [_find_class(one, names, run) for one in each]


def _find_class(label: object, names: Sequence[str], run: str) -> int:
    if label in names:
        return names.index(str(label))
    if str(label).isdecimal() and int(str(label)) < len(names):
        return int(str(label))
    raise BadSetting(f"no class '{label}' in '{run}', which has 0 to {len(names) - 1}.{nearest(str(label), names)}")


def draw_latents(seeds: Sequence[int], latent_dim: int) -> Tensor:
    """Draw one standard normal latent per seed, ``(B, latent_dim)``, on the CPU."""
    return torch.stack([torch.randn(latent_dim, generator=torch.Generator().manual_seed(seed)) for seed in seeds])


@torch.no_grad()
def sample(
    generator: nn.Module,
    seeds: Sequence[int],
    labels: Sequence[int],
    device: torch.device,
    make: SampleFunction | None = None,
) -> Tensor:
    """Generate one sample per seed.

    Args:
        generator: in evaluation mode, on ``device``.
        seeds: seed of each sample.
        labels: class of each sample; zeros for a generator without classes.
        device: device of the generator.
        make: maps latents and labels to samples instead of the generator.

    Returns:
        ``(B, *shape)`` float32 on the CPU, images in [-1, 1].
    """
    latents = draw_latents(seeds, int(generator.latent_dim))  # type: ignore[arg-type]
    classes = torch.tensor(labels, dtype=torch.int64)
    chunks = []
    for start in range(0, len(seeds), _CHUNK):
        z, y = (_pad(t[start : start + _CHUNK]).to(device) for t in (latents, classes))
        chunks.append((make or generator)(z, y).float().cpu()[: len(seeds) - start])
    return torch.cat(chunks)


def _pad(tensor: Tensor) -> Tensor:
    """Repeat the first row until there are ``_CHUNK`` rows."""
    return torch.cat([tensor, tensor[:1].expand(_CHUNK - len(tensor), *tensor.shape[1:])])
