"""The components that this distribution registers."""

from __future__ import annotations

from collections.abc import Iterator

from ganzoo import Component, Record, hookimpl

MAO = "Mao et al. 2017, arXiv 1611.04076"
JOLICOEUR_MARTINEAU = "Jolicoeur-Martineau 2018, arXiv 1807.00734"
HUANG = "Huang et al. 2024 (R3GAN), arXiv 2501.05441; Jolicoeur-Martineau 2018, arXiv 1807.00734"
MESCHEDER = "Mescheder, Geiger & Nowozin 2018, arXiv 1801.04406"
KODALI = "Kodali et al. 2017, arXiv 1705.07215"
TSENG = "Tseng et al. 2021, arXiv 2104.03310"
SALIMANS = "Salimans et al. 2016, arXiv 1606.03498"
ZHAO = "Zhao et al. 2020, arXiv 2002.04724"


@hookimpl
def ganzoo_components() -> Iterator[Record]:
    """Register three losses, three terms on the discriminator's gradient, two on its logits, one on its features."""
    yield from _yield_losses()
    yield from _yield_gradient_terms()
    yield from _yield_other_terms()


def _yield_losses() -> Iterator[Component]:
    for name, path, summary, reference in (
        ("least-squares", "least_squares:LeastSquares", "squared distance of logits from fixed targets (LSGAN)", MAO),
        (
            "relativistic-average",
            "relativistic:RelativisticAverage",
            "each logit minus the mean logit of the other side, under a chosen cost",
            JOLICOEUR_MARTINEAU,
        ),
        (
            "relativistic-pairing",
            "relativistic:RelativisticPairing",
            "each fake logit minus one real logit; R3GAN's loss, to be used with r1 and r2",
            HUANG,
        ),
    ):
        yield Component("loss", name, f"ganzoo_losses.{path}", summary, reference)


def _yield_gradient_terms() -> Iterator[Component]:
    smooth = {"discriminator.norm": "none"}
    alone = smooth | {"discriminator.minibatch_group": 1}
    for name, path, summary, reference, needs, recommends in (
        ("r1", "R1", "penalises the squared gradient of the discriminator at reals", MESCHEDER, (), smooth),
        ("r2", "R2", "penalises the squared gradient of the discriminator at fakes", MESCHEDER, (), smooth),
        (
            "dragan",
            "Dragan",
            "pulls the norm of the discriminator's gradient to 1 around reals",
            KODALI,
            ("per-sample",),
            alone,
        ),
    ):
        yield Component(
            kind="term",
            name=name,
            path=f"ganzoo_losses.gradient_terms:{path}",
            summary=summary,
            reference=reference,
            needs=needs,
            recommends=recommends,
        )


def _yield_other_terms() -> Iterator[Component]:
    yield Component(
        kind="term",
        name="lecam",
        path="ganzoo_losses.lecam:LeCam",
        summary="keeps logits near the other side's moving average; for small data sets",
        reference=TSENG,
    )
    yield Component(
        kind="term",
        name="consistency",
        path="ganzoo_losses.consistency:Consistency",
        summary="logits must not change when an image is flipped and shifted (bCR)",
        reference=ZHAO,
        needs=("image",),
    )
    yield Component(
        kind="term",
        name="feature-matching",
        path="ganzoo_losses.feature_matching:FeatureMatching",
        summary="fakes match the mean features of reals in the discriminator",
        reference=SALIMANS,
    )
