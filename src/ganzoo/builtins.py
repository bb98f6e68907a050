"""Our own components, registered through the hook every plugin uses."""

from __future__ import annotations

from collections.abc import Iterator

from ganzoo import judges
from ganzoo.hooks import hookimpl
from ganzoo.specs import Component, Recipe, Record, When


@hookimpl
def ganzoo_components() -> Iterator[Record]:
    """Register what a run needs when no plugin says otherwise, and the data sets."""
    yield from _play()
    yield from _images()
    yield from _points()
    yield from _schedules()
    yield from judges.components()


def _play() -> Iterator[Record]:
    yield Component(
        kind="loss",
        name="non-saturating",
        target="ganzoo.losses.non_saturating:NonSaturating",
        summary="logistic loss; the generator minimises -log D(G(z))",
        reference="Goodfellow et al. 2014, arXiv 1406.2661",
    )
    yield Component(
        kind="conditioning",
        name="none",
        target="ganzoo.nn.heads:LinearHead",
        summary="labels play no part: one linear layer on the critic's features",
        provides=("unconditional",),
    )
    yield Component(
        kind="trainer",
        name="adversarial",
        target="ganzoo.trainers.adversarial:Adversarial",
        summary="one generator against one critic, in turn",
        reference="Goodfellow et al. 2014, arXiv 1406.2661, algorithm 1",
    )


def _images() -> Iterator[Record]:
    yield Component(
        kind="dataset",
        name="sprites",
        target="ganzoo.data.sprites.dataset:Sprites",
        summary="drawn shapes in styles and palettes; needs no download",
        provides=("image", "modes", When("labels", "label", ("content", "style", "palette", "all"))),
    )
    yield Component(
        kind="dataset",
        name="folder",
        target="ganzoo.data.images:Folder",
        summary="images in a folder; sub-folders are classes",
        provides=("image", "collects"),
    )
    for name, target, summary in (
        ("zip", "ganzoo.data.images:Zip", "images in a zip, read in place; also StyleGAN's layout"),
        ("idx", "ganzoo.data.images:Idx", "IDX files as MNIST and Fashion-MNIST ship them"),
        ("arrays", "ganzoo.data.images:Arrays", "a .npy or .npz file"),
        ("torchvision", "ganzoo.data.images:Torchvision", "a torchvision data set by name, e.g. torchvision:CIFAR10"),
    ):
        yield Component(kind="dataset", name=name, target=target, summary=summary, provides=("image",))
    yield Component(
        kind="dataset",
        name="stacked-mnist",
        target="ganzoo.data.stacked:StackedMNIST",
        summary="three digits as three channels: a thousand modes",
        reference="Metz et al. 2017, arXiv 1611.02163, section 3.3.1",
        provides=("image", "modes", When("labels", "labels", (True,))),
    )


def _points() -> Iterator[Record]:
    lin = "Lin et al. 2018 (PacGAN), arXiv 1712.04086, section 4.1"
    yield Component(
        kind="dataset",
        name="ring-8",
        target="ganzoo.data.points:Ring",
        summary="eight Gaussians on a circle: does the GAN cover all modes?",
        reference=lin,
        provides=("point", "labels", "modes"),
    )
    for name, side in (("grid-25", 5), ("grid-100", 10)):
        yield Component(
            kind="dataset",
            name=name,
            target="ganzoo.data.points:Grid",
            summary=f"{side * side} Gaussians on a grid",
            reference=lin,
            provides=("point", "labels", "modes"),
            recommends={} if side == 5 else {"dataset.side": side},
        )
    yield Component(
        kind="generator",
        name="mlp",
        target="ganzoo.nn.mlp:MLPGenerator",
        summary="fully connected; for points, and for small images as in the first GAN",
        reference="Goodfellow et al. 2014, arXiv 1406.2661",
        provides=("class-conditional",),
    )
    yield Component(
        kind="discriminator",
        name="mlp",
        target="ganzoo.nn.mlp:MLPDiscriminator",
        summary="fully connected; for points and small images",
        reference="Goodfellow et al. 2014, arXiv 1406.2661",
        provides=("per-sample",),
    )
    yield Recipe(
        name="toy",
        summary="points in the plane: shows in seconds whether a loss covers all modes",
        parts={"generator": "mlp", "discriminator": "mlp", "dataset": "ring-8"},
        settings={
            "run.batch_size": 128,
            "run.images": 500_000,
            "run.log_every": 20_000,
            "generator.latent_dim": 2,
            "optimizer.generator.lr": 1e-3,
            "optimizer.discriminator.lr": 1e-3,
        },
        reference=lin,
    )


def _schedules() -> Iterator[Record]:
    by_hand = {"augmentation.ada.steered": False}
    for name, target, summary, recommends in (
        ("learning-rate", "LearningRate", "every player's learning rate follows the images seen", {}),
        ("beta2", "Beta2", "the decay of Adam's second moment follows the images seen", {}),
        ("penalty-weight", "PenaltyWeight", "the weight of penalties, R1 and R2 if not told, follows the images", {}),
        ("ema-half-life", "EmaHalfLife", "the half-life of the moving averages follows the images seen", {}),
        ("augmentation-probability", "AugmentationProbability", "how likely augmentations are follows the images seen",
         by_hand),
    ):  # fmt: skip
        yield Component(
            kind="schedule",
            name=name,
            target=f"ganzoo.schedules.course:{target}",
            summary=summary,
            reference="Huang et al. 2024 (R3GAN), arXiv 2501.05441",
            recommends=recommends,
        )
