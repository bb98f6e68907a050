"""The components that this distribution registers."""

from __future__ import annotations

from collections.abc import Iterator

from ganzoo import Component, Record, hookimpl

SALIMANS = "Salimans et al. 2016, arXiv 1606.03498, section 4"
BAI = "Bai et al. 2021, arXiv 2106.03062; Alaa et al. 2022, arXiv 2102.08921"
KARRAS_2018 = "Karras et al. 2018 (progressive GAN), arXiv 1710.10196, section 5"
ZHANG = "Zhang et al. 2018 (LPIPS), arXiv 1801.03924"
ZHU = "Zhu et al. 2017 (BicycleGAN), arXiv 1711.11586, section 5"
KARRAS_2019 = "Karras et al. 2019 (StyleGAN), arXiv 1812.04948, section 4.1"
MIYATO = "Miyato & Koyama 2018, arXiv 1802.05637, section 6"
RAVURI = "Ravuri & Vinyals 2019, arXiv 1905.10887"


@hookimpl
def ganzoo_components() -> Iterator[Record]:
    """Register eight metrics."""
    for name, path, summary, reference, needs in (
        ("inception-score", "inception_score:InceptionScore",
         "confident and varied class predictions for fakes", SALIMANS, ("probabilities",)),
        ("memorisation", "memorisation:Memorisation",
         "distance of fakes to their nearest reals, MiFID, and a sheet of pairs", BAI, ()),
        ("swd", "sliced:SlicedWasserstein",
         "sliced Wasserstein distance between patches, scale by scale", KARRAS_2018, ()),
        ("diversity", "diversity:Diversity",
         "perceptual distance between fakes, compared with that between reals", ZHANG, ()),
        ("style-diversity", "style_diversity:StyleDiversity",
         "perceptual distance between samples of one content in different styles", ZHU, ("styles",)),
        ("ppl", "path_length:PathLength",
         "perceptual path length: smoothness of the latent space", KARRAS_2019, ()),
        ("ifd", "classes:IntraClassDistance",
         "Frechet distance within each class, averaged", MIYATO, ("labels", "conditional")),
        ("cas", "accuracy:ClassificationAccuracy",
         "accuracy on reals of a classifier that is trained on fakes", RAVURI, ("labels", "conditional")),
    ):  # fmt: skip
        yield Component("metric", name, f"ganzoo_metrics.{path}", summary, reference, needs=needs)
