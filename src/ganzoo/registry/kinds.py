"""The table of kinds: how many components of each a run holds, which option chooses them, what checks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "generator",
    "discriminator",
    "loss",
    "term",
    "conditioning",
    "constraint",
    "augmentation",
    "trainer",
    "dataset",
    "metric",
    "tracker",
    "features",
    "schedule",
]

Role = Literal["network", "objective", "weights", "trainer", "data", "evaluation", "tracking", "schedule"]
"""What components of a kind do in a run.

``network``: they hold weights. ``objective``: a step computes with them, and they may hold buffers. ``weights``: they
act on the weights of networks. ``evaluation``: they measure a run and take no part in training it.
"""


@dataclass(frozen=True, kw_only=True)
class KindSpec:
    """What the registry, the configuration, the command line and the checks know about one kind.

    Args:
        name: the kind.
        plural: of the name; also the module in ``ganzoo.checks.kinds`` and the constructor parameter of a trainer.
        role: what its components do in a run.
        help: one phrase for the option of the command line.
        many: a run may hold any number of them; otherwise it holds exactly one.
        option: the option of ``ganzoo train``; empty where there is none.
        evaluate_option: the option of ``ganzoo evaluate``; empty where there is none.
        metavar: what the option takes, for help texts; empty for the plain default.
        default: the component of a run that names none; empty where a recipe must name one, or a run may have none.
        dispensable: a trained run can be sampled after its component was uninstalled.
        supplied: constructor parameters the assembler supplies; None where it supplies everything built before.
        checked: there is a module of checks.
    """

    name: Kind
    plural: str
    role: Role
    help: str
    many: bool = False
    option: str = ""
    evaluate_option: str = ""
    metavar: str = ""
    default: str = ""
    dispensable: bool = False
    supplied: tuple[str, ...] | None = None
    checked: bool = True

    def section(self, component: str) -> str:
        """Return the section of a component's settings: ``loss``, or ``term.r1`` for kinds that hold many."""
        return f"{self.name}.{component.rpartition(':')[2]}" if self.many else self.name


_TABLE = (
    KindSpec(name="generator", plural="generators", role="network", help="Generator.", option="--generator"),
    KindSpec(
        name="discriminator", plural="discriminators", role="network", help="Discriminator.", option="--discriminator"
    ),
    KindSpec(
        name="loss",
        plural="losses",
        role="objective",
        help="Adversarial loss.",
        option="--loss",
        default="non-saturating",
        dispensable=True,
    ),
    KindSpec(
        name="term",
        plural="terms",
        role="objective",
        help="Further loss term; may be repeated; or none.",
        many=True,
        option="--term",
        dispensable=True,
    ),
    KindSpec(
        name="conditioning",
        plural="conditionings",
        role="network",
        help="How labels enter.",
        option="--conditioning",
        default="none",
    ),
    KindSpec(
        name="constraint",
        plural="constraints",
        role="weights",
        help="Constraint on the weights; may be repeated; or none.",
        many=True,
        option="--constraint",
    ),
    KindSpec(
        name="augmentation",
        plural="augmentations",
        role="objective",
        help="Augmentation of what the discriminator sees; may be repeated; or none.",
        many=True,
        option="--augmentation",
        dispensable=True,
    ),
    KindSpec(
        name="trainer",
        plural="trainers",
        role="trainer",
        help="Training algorithm.",
        option="--trainer",
        default="adversarial",
    ),
    KindSpec(
        name="dataset",
        plural="datasets",
        role="data",
        help="A data set's name, name:argument, or a folder, zip, IDX or npz.",
        option="--data",
        default="sprites",
        supplied=(),
    ),
    KindSpec(
        name="metric",
        plural="metrics",
        role="evaluation",
        help="Compute metrics while training, and keep the best checkpoint: fd@50k.",
        many=True,
        option="--evaluate",
        evaluate_option="--metrics",
        metavar="METRIC,...[@IMAGES]",
        dispensable=True,
        supplied=(),
    ),
    KindSpec(
        name="tracker",
        plural="trackers",
        role="tracking",
        help="Where logged values go.",
        many=True,
        supplied=(),
        checked=False,
    ),
    KindSpec(
        name="features",
        plural="features",
        role="evaluation",
        help="Features --evaluate computes from an image.",
        option="--features",
        evaluate_option="--features",
        metavar="NAME[:ARGUMENT]",
        default="random",
        supplied=("shape",),
    ),
    KindSpec(
        name="schedule",
        plural="schedules",
        role="schedule",
        help="Schedule of a setting over the images seen; may be repeated; or none.",
        many=True,
        option="--schedule",
        dispensable=True,
        supplied=(),
    ),
)

KIND_SPECS: Mapping[str, KindSpec] = {spec.name: spec for spec in _TABLE}
"""Every kind by name, in order. First weights are seeded by the place in it: a new kind comes last."""

KINDS: tuple[Kind, ...] = tuple(spec.name for spec in _TABLE)

MANY: tuple[Kind, ...] = tuple(spec.name for spec in _TABLE if spec.many)
"""Kinds of which a run may hold any number; of the others it holds exactly one."""

NETWORK_KINDS: tuple[Kind, ...] = tuple(spec.name for spec in _TABLE if spec.role == "network")
"""Kinds that hold weights: none of their settings can change within a run."""

EVALUATION_KINDS: tuple[Kind, ...] = tuple(spec.name for spec in _TABLE if spec.role == "evaluation")
"""Kinds that measure a run and take no part in training it."""

TRAIN_OPTIONS: Mapping[str, str] = {spec.name: spec.option for spec in _TABLE if spec.option}
"""The options of ``ganzoo train`` that choose a component."""

EVALUATE_OPTIONS: Mapping[str, str] = {spec.name: spec.evaluate_option for spec in _TABLE if spec.evaluate_option}
"""The options that choose what an existing run is measured with."""
