"""Health metrics as pure functions of tensors, without host synchronisation.

Shapes: N samples, M further samples, D features.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

_TINY = 1e-12


def spread(rows_ND: Tensor) -> Tensor:
    """Return the mean distance of two samples: 0 when all are equal.

    Args:
        rows_ND: one row per sample, at least two.

    Returns:
        A scalar, in units of the rows.
    """
    count = len(rows_ND)
    return _distances(rows_ND).sum() / (count * (count - 1))


def distinct(rows_ND: Tensor, width: Tensor | float) -> Tensor:
    """Count distinct samples: N when all differ, 3 when all are copies of three.

    The Vendi score, the exponential of the entropy of the eigenvalues of ``K / N`` (Friedman & Dieng 2023,
    arXiv 2210.02410, definition 3.1), under a Gaussian kernel.

    Args:
        rows_ND: one row per sample.
        width: width of the kernel, in units of the rows: samples much closer than this count as one.

    Returns:
        A scalar from 1 to N, usually not an integer.
    """
    width = torch.as_tensor(width, dtype=torch.float64).clamp_min(_TINY)  # 0 where all reals are equal
    kernel_NN = torch.exp(-0.5 * (_distances(rows_ND) / width) ** 2)
    shares_N = torch.linalg.eigvalsh(kernel_NN / len(rows_ND)).clamp(min=0)
    return torch.exp(torch.special.entr(shares_N).sum())


def spread_within(rows_ND: Tensor, labels_N: Tensor) -> Tensor:
    """Return the mean distance of two samples of one class.

    Args:
        rows_ND: one row per sample.
        labels_N: class of each sample.

    Returns:
        A scalar, in units of the rows; NaN when no class has two samples.
    """
    pairs_NN = labels_N[:, None] == labels_N
    return (_distances(rows_ND) * pairs_NN).sum() / (pairs_NN.sum() - len(rows_ND))


def separation(real_N: Tensor, fake_M: Tensor) -> Tensor:
    """Return the fraction of real-fake pairs that the discriminator ranks correctly; a tie counts half.

    The area under the ROC curve: 1 when every real is above every fake, 0.5 for random guessing.

    Args:
        real_N: logits of reals.
        fake_M: logits of fakes.
    """
    above = (real_N[:, None] > fake_M).double().mean()
    return above + 0.5 * (real_N[:, None] == fake_M).double().mean()


def overfitting(trained_N: Tensor, held_out_N: Tensor, fake_M: Tensor) -> Tensor:
    """Return where unseen reals lie between the reals the discriminator was trained on (0) and fakes (1).

    Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data", arXiv 2006.06676, equation 1.

    Args:
        trained_N: logits of reals the discriminator is trained on.
        held_out_N: logits of unseen reals.
        fake_M: logits of fakes.

    Returns:
        A scalar, about 0 without overfitting. NaN where the means of reals and fakes differ by less than a standard
        deviation, because the quotient would then be mostly noise.
    """
    trained, held_out, fake = (logits.double() for logits in (trained_N, held_out_N, fake_M))
    gap = trained.mean() - fake.mean()
    separated = gap > ((trained.var() + fake.var()) / 2).sqrt()
    return torch.where(separated, (trained.mean() - held_out.mean()) / gap, torch.nan)  # r_v


def gradient_norm(parameters: Iterable[Tensor]) -> Tensor | None:
    """Return the norm of the gradient over all parameters, or None before the first backward pass."""
    gradients = [p.grad.detach() for p in parameters if p.grad is not None]
    return torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients))) if gradients else None


def _distances(rows_ND: Tensor) -> Tensor:
    """Return distances ``(N, N)``, in float64 and centred, so that rounding does not hide small differences."""
    rows_ND = rows_ND.double()
    rows_ND = rows_ND - rows_ND.mean(0)
    return torch.cdist(rows_ND, rows_ND)
