"""The components that this distribution registers."""

from __future__ import annotations

from collections.abc import Iterator

from ganzoo import Component, Record, hookimpl

MIRZA = "Mirza & Osindero 2014, arXiv 1411.1784"
MIYATO = "Miyato & Koyama 2018, arXiv 1802.05637"
ODENA = "Odena, Olah & Shlens 2017, arXiv 1610.09585"


@hookimpl
def ganzoo_components() -> Iterator[Record]:
    """Register the three heads; each one also decides the generator's normalisation."""
    yield Component(
        kind="conditioning",
        name="concatenation",
        path="ganzoo_conditional.heads:ConcatenationHead",
        summary="concatenates a label embedding to the features; conditional batch norm",
        reference=MIRZA,
        needs=("labels", "class-conditional"),
        provides=("conditional",),
    )
    yield Component(
        kind="conditioning",
        name="projection",
        path="ganzoo_conditional.heads:ProjectionHead",
        summary="adds the inner product of features and label embedding; conditional batch norm",
        reference=MIYATO,
        needs=("labels", "class-conditional"),
        provides=("conditional",),
    )
    yield Component(
        kind="conditioning",
        name="auxiliary-classifier",
        path="ganzoo_conditional.heads:AuxiliaryClassifierHead",
        summary="the discriminator also classifies (AC-GAN); conditional batch norm",
        reference=ODENA,
        needs=("labels", "class-conditional"),
        provides=("conditional",),
    )
