"""Our own metrics and features."""

from __future__ import annotations

from collections.abc import Iterator

from ganzoo.registry.specs import Component, Record

HEUSEL = "Heusel et al. 2017 (TTUR), arXiv 1706.08500"
BINKOWSKI = "Binkowski et al. 2018, arXiv 1801.01401"
KYNKAANNIEMI = "Kynkaanniemi et al. 2019, arXiv 1904.06991"
NAEEM = "Naeem et al. 2020, arXiv 2002.09797"
LIN = "Lin et al. 2018 (PacGAN), arXiv 1712.04086, section 4"
SZEGEDY = "Szegedy et al. 2016, arXiv 1512.00567"


def evaluation_components() -> Iterator[Record]:
    """Register the metrics that fit every run, and the features they are computed from."""
    for name, path, summary, reference in (
        ("fd", "frechet:FrechetDistance", "Frechet distance of features; FID with those of Inception", HEUSEL),
        ("kid", "pairwise_metrics:KernelDistance", "kernel distance of features, unbiased, with its error", BINKOWSKI),
        (
            "pr",
            "pairwise_metrics:PrecisionRecall",
            "precision and recall: fidelity and coverage of the reals",
            KYNKAANNIEMI,
        ),
        ("dc", "pairwise_metrics:DensityCoverage", "density and coverage: like pr, robust to outliers", NAEEM),
    ):
        yield Component("metric", name, f"ganzoo.components.metrics.{path}", summary, reference)
    yield Component(
        "metric", "modes", "ganzoo.components.metrics.mode_coverage:ModeCoverage",
        "modes of the data reached, and how evenly; needs data with known modes", LIN, needs=("modes",),
    )  # fmt: skip
    provides = ("probabilities", "maps")
    for name, path, summary, reference, provided, needs in (
        ("random", "random_network:RandomFeatures", "an untrained network with fixed weights; needs no download", "",
         ("maps",), ()),
        ("raw", "raw:RawFeatures", "the values themselves; for points and small images", "", (), ()),
        ("classifier", "classifier:ReferenceClassifier", "a small classifier trained by ganzoo classifier", "",
         provides, ("image",)),
        ("inception", "inception:InceptionFeatures", "Inception-v3 as FID uses it; fetch the weights first", SZEGEDY,
         provides, ("image",)),
        ("timm", "timm_network:TimmFeatures", "a network of timm with its weights: timm:MODEL", "", provides,
         ("image",)),
    ):  # fmt: skip
        yield Component("features", name, f"ganzoo.components.features.{path}", summary, reference, provided, needs)
