"""What this distribution registers."""

from __future__ import annotations

from collections.abc import Iterator

from ganzoo import Component, Record, hookimpl

MIRZA = "Mirza & Osindero 2014, arXiv 1411.1784"
MIYATO = "Miyato & Koyama 2018, arXiv 1802.05637"
ODENA = "Odena, Olah & Shlens 2017, arXiv 1610.09585"


@hookimpl
def ganzoo_components() -> Iterator[Record]:
    """Register the three heads; the generator's normalisation comes with each of them."""
    yield Component(
        kind="conditioning",
        name="concatenation",
        path="ganzoo_conditional.heads:ConcatenationHead",
        summary="label embedding beside the discriminator's features, then an MLP; class-wise batch norm",
        reference=MIRZA,
        needs=("labels", "class-conditional"),
        provides=("conditional",),
    )
    yield Component(
        kind="conditioning",
        name="projection",
        path="ganzoo_conditional.heads:ProjectionHead",
        summary="inner product of features and a label embedding; class-wise batch norm",
        reference=MIYATO,
        needs=("labels", "class-conditional"),
        provides=("conditional",),
    )
    yield Component(
        kind="conditioning",
        name="auxiliary-classifier",
        path="ganzoo_conditional.heads:AuxiliaryClassifierHead",
        summary="the discriminator names the class too; class-wise batch norm in the generator",
        reference=ODENA,
        needs=("labels", "class-conditional"),
        provides=("conditional",),
    )
