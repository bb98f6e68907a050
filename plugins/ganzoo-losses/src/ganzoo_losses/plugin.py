"""What this distribution registers."""

from __future__ import annotations

from collections.abc import Iterator

from ganzoo.registry.hooks import hookimpl
from ganzoo.registry.specs import Component, Record

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
    """Register three losses, three terms of the discriminator's slope, two of its logits, one of its features."""
    yield from _losses()
    yield from _slopes()
    yield from _logits()


def _losses() -> Iterator[Component]:
    for name, path, summary, reference in (
        ("least-squares", "least_squares:LeastSquares", "squared distance of logits from fixed targets", MAO),
        (
            "relativistic-average",
            "relativistic:RelativisticAverage",
            "each logit is judged against the mean logit of the other side",
            JOLICOEUR_MARTINEAU,
        ),
        (
            "relativistic-pairing",
            "relativistic:RelativisticPairing",
            "each fake is judged against one real; R3GAN's loss, wants r1 and r2 beside it",
            HUANG,
        ),
    ):
        yield Component("loss", name, f"ganzoo_losses.{path}", summary, reference)


def _slopes() -> Iterator[Component]:
    smooth = {"discriminator.norm": "none"}
    alone = smooth | {"discriminator.minibatch_group": 1}
    for name, path, summary, reference, needs, recommends in (
        ("r1", "R1", "flattens the discriminator at reals: its squared slope", MESCHEDER, (), smooth),
        ("r2", "R2", "flattens the discriminator at fakes: its squared slope", MESCHEDER, (), smooth),
        ("dragan", "Dragan", "holds the discriminator's slope at 1 around reals", KODALI, ("per-sample",), alone),
    ):
        yield Component(
            kind="term",
            name=name,
            path=f"ganzoo_losses.slopes:{path}",
            summary=summary,
            reference=reference,
            needs=needs,
            recommends=recommends,
        )


def _logits() -> Iterator[Component]:
    yield Component(
        kind="term",
        name="lecam",
        path="ganzoo_losses.lecam:LeCam",
        summary="keeps logits near the other side's past mean; for few images",
        reference=TSENG,
    )
    yield Component(
        kind="term",
        name="consistency",
        path="ganzoo_losses.consistency:Consistency",
        summary="a flipped and shifted image is judged like the image (bCR)",
        reference=ZHAO,
        needs=("image",),
    )
    yield Component(
        kind="term",
        name="feature-matching",
        path="ganzoo_losses.matching:FeatureMatching",
        summary="the generator matches the mean of the discriminator's features",
        reference=SALIMANS,
    )
