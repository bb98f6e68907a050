"""The health readings as pure functions of tensors; nothing here is read on the host.

Shapes: N samples, M further samples, D features.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

_TINY = 1e-12


def spread(rows_ND: Tensor) -> Tensor:
    """Mean distance of two samples: 0 when all are equal.

    Args:
        rows_ND: one row a sample, at least two.

    Returns:
        A scalar, in units of the rows.
    """
    count = len(rows_ND)
    return _distances(rows_ND).sum() / (count * (count - 1))


def distinct(rows_ND: Tensor, width: Tensor | float) -> Tensor:
    """Count the samples that differ: N when no two are alike, 3 when all are copies of three.

    The Vendi score, the exponential of the entropy of the eigenvalues of ``K / N`` (Friedman & Dieng 2023,
    arXiv 2210.02410, definition 3.1), under a Gaussian kernel.

    Args:
        rows_ND: one row a sample.
        width: of the kernel, in units of the rows: samples much closer than this count as one.

    Returns:
        A scalar from 1 to N, not a whole number.
    """
    width = torch.as_tensor(width, dtype=torch.float64).clamp_min(_TINY)  # 0 where all reals are alike
    kernel_NN = torch.exp(-0.5 * (_distances(rows_ND) / width) ** 2)
    shares_N = torch.linalg.eigvalsh(kernel_NN / len(rows_ND)).clamp(min=0)
    return torch.exp(torch.special.entr(shares_N).sum())


def spread_within(rows_ND: Tensor, labels_N: Tensor) -> Tensor:
    """Mean distance of two samples of one class.

    Args:
        rows_ND: one row a sample.
        labels_N: class of each.

    Returns:
        A scalar, in units of the rows; NaN when no class has two samples.
    """
    pairs_NN = labels_N[:, None] == labels_N
    return (_distances(rows_ND) * pairs_NN).sum() / (pairs_NN.sum() - len(rows_ND))


def separation(real_N: Tensor, fake_M: Tensor) -> Tensor:
    """Share of pairs of a real and a fake that the discriminator puts in the right order; a tie counts half.

    The area under the ROC curve: 1 when every real is above every fake, 0.5 for a discriminator that guesses.

    Args:
        real_N: the discriminator's logits of reals.
        fake_M: of fakes.
    """
    above = (real_N[:, None] > fake_M).double().mean()
    return above + 0.5 * (real_N[:, None] == fake_M).double().mean()


def overfitting(trained_N: Tensor, held_out_N: Tensor, fake_M: Tensor) -> Tensor:
    """Say where unseen reals stand between those the discriminator learnt from (0) and fakes (1).

    Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data", arXiv 2006.06676, equation 1.

    Args:
        trained_N: the discriminator's logits of reals it learns from.
        held_out_N: of reals it never saw.
        fake_M: of fakes.

    Returns:
        A scalar, about 0 for a discriminator that does not overfit. NaN where reals and fakes lie less than a standard
        deviation apart: the quotient would then be mostly chance.
    """
    trained, held_out, fake = (logits.double() for logits in (trained_N, held_out_N, fake_M))
    gap = trained.mean() - fake.mean()
    told = gap > ((trained.var() + fake.var()) / 2).sqrt()
    return torch.where(told, (trained.mean() - held_out.mean()) / gap, torch.nan)  # r_v


def gradient_norm(parameters: Iterable[Tensor]) -> Tensor | None:
    """Length of the gradient over all parameters, or None before the first backward pass."""
    gradients = [p.grad.detach() for p in parameters if p.grad is not None]
    return torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients))) if gradients else None


def _distances(rows_ND: Tensor) -> Tensor:
    """Distances ``(N, N)``, in float64 and about the mean, so that near copies do not drown in rounding."""
    rows_ND = rows_ND.double()
    rows_ND = rows_ND - rows_ND.mean(0)
    return torch.cdist(rows_ND, rows_ND)
