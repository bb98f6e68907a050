"""Our own components, registered through the same hook as those of plugins."""

from __future__ import annotations

from collections.abc import Iterator

from ganzoo.registry.builtin_metrics import evaluation_components
from ganzoo.registry.hooks import hookimpl
from ganzoo.registry.specs import Component, Recipe, Record, When


@hookimpl
def ganzoo_components() -> Iterator[Record]:
    """Register the defaults of a run, the data sets and the schedules."""
    yield from _defaults()
    yield from _images()
    yield from _points()
    yield from _schedules()
    yield from evaluation_components()


def _defaults() -> Iterator[Record]:
    yield Component(
        kind="loss",
        name="non-saturating",
        path="ganzoo.components.losses.non_saturating:NonSaturating",
        summary="logistic loss; the generator minimises -log D(G(z))",
        reference="Goodfellow et al. 2014, arXiv 1406.2661",
    )
    yield Component(
        kind="conditioning",
        name="none",
        path="ganzoo.nn.heads:LinearHead",
        summary="ignores labels: one linear layer on the discriminator's features",
        provides=("unconditional",),
    )
    yield Component(
        kind="trainer",
        name="adversarial",
        path="ganzoo.components.trainers.adversarial:Adversarial",
        summary="one generator against one discriminator, in alternation",
        reference="Goodfellow et al. 2014, arXiv 1406.2661, algorithm 1",
    )


def _images() -> Iterator[Record]:
    yield Component(
        kind="dataset",
        name="sprites",
        path="ganzoo.components.datasets.sprites.dataset:Sprites",
        summary="procedural shapes in styles and palettes; needs no download",
        provides=("image", "modes", When("labels", "label", ("content", "style", "palette", "all"))),
    )
    yield Component(
        kind="dataset",
        name="folder",
        path="ganzoo.components.datasets.images:Folder",
        summary="images in a folder; sub-folders are classes",
        provides=("image", "collects"),
    )
    for name, path, summary in (
        ("zip", "ganzoo.components.datasets.images:Zip", "images in a zip, read in place; also StyleGAN's layout"),
        ("idx", "ganzoo.components.datasets.images:Idx", "IDX files as MNIST and Fashion-MNIST ship them"),
        ("arrays", "ganzoo.components.datasets.images:Arrays", "a .npy or .npz file"),
        (
            "torchvision",
            "ganzoo.components.datasets.images:Torchvision",
            "a torchvision data set by name, e.g. torchvision:CIFAR10",
        ),
    ):
        yield Component(kind="dataset", name=name, path=path, summary=summary, provides=("image",))
    yield Component(
        kind="dataset",
        name="stacked-mnist",
        path="ganzoo.components.datasets.stacked_mnist:StackedMNIST",
        summary="three digits as three channels: a thousand modes",
        reference="Metz et al. 2017, arXiv 1611.02163, section 3.3.1",
        provides=("image", "modes", When("labels", "labels", (True,))),
    )


def _points() -> Iterator[Record]:
    lin = "Lin et al. 2018 (PacGAN), arXiv 1712.04086, section 4.1"
    yield Component(
        kind="dataset",
        name="ring-8",
        path="ganzoo.components.datasets.points:Ring",
        summary="eight Gaussians on a circle; measures mode coverage",
        reference=lin,
        provides=("point", "labels", "modes"),
    )
    for name, side in (("grid-25", 5), ("grid-100", 10)):
        yield Component(
            kind="dataset",
            name=name,
            path="ganzoo.components.datasets.points:Grid",
            summary=f"{side * side} Gaussians on a grid",
            reference=lin,
            provides=("point", "labels", "modes"),
            recommends={} if side == 5 else {"dataset.side": side},
        )
    yield Component(
        kind="generator",
        name="mlp",
        path="ganzoo.nn.mlp:MLPGenerator",
        summary="fully connected; for points, and for small images as in the first GAN",
        reference="Goodfellow et al. 2014, arXiv 1406.2661",
        provides=("class-conditional",),
    )
    yield Component(
        kind="discriminator",
        name="mlp",
        path="ganzoo.nn.mlp:MLPDiscriminator",
        summary="fully connected; for points and small images",
        reference="Goodfellow et al. 2014, arXiv 1406.2661",
        provides=("per-sample",),
    )
    yield Recipe(
        name="toy",
        summary="points in the plane: shows in seconds whether a loss covers all modes",
        components={"generator": "mlp", "discriminator": "mlp", "dataset": "ring-8"},
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
    not_adaptive = {"augmentation.ada.adaptive": False}
    for name, path, summary, recommends in (
        ("learning-rate", "LearningRate", "changes every player's learning rate with the images seen", {}),
        ("beta2", "Beta2", "changes the decay of Adam's second moment with the images seen", {}),
        ("term-weight", "TermWeight", "changes the weight of terms, by default R1 and R2, with the images seen", {}),
        ("ema-half-life", "EmaHalfLife", "changes the half-life of the moving averages with the images seen", {}),
        ("augmentation-probability", "AugmentationProbability",
         "changes the probability of augmentations with the images seen", not_adaptive),
    ):  # fmt: skip
        yield Component(
            kind="schedule",
            name=name,
            path=f"ganzoo.components.schedules.ramps:{path}",
            summary=summary,
            reference="Huang et al. 2024 (R3GAN), arXiv 2501.05441",
            recommends=recommends,
        )
