"""A classifier as a file: half-precision weights, and what is known of it as JSON in the safetensors metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import save

from ganzoo.components.features.classifier_network import ClassifierNetwork
from ganzoo.components.features.weights_file import load_weights, read_weights
from ganzoo.errors import BadRun, BadSetting, nearest
from ganzoo.registry.specs import Shape
from ganzoo.storage.files import replace_file

KEY = "ganzoo_judge"
"""Under which metadata the facts stand."""
FORMAT = 1
SHIPPED = Path(__file__).parent / "weights"


@dataclass(frozen=True)
class ClassifierMetadata:
    """What is known of a trained classifier.

    Args:
        shape: of the images it looks at.
        heads: class names by name of head.
        accuracy: share of held-out samples it names rightly, by head.
        held_out: how many samples that is, and which.
        data: name of the data it learnt from.
        data_hash: fingerprint of that data.
        images: samples seen in training.
        command: what makes it again.
        format: of the file.
    """

    shape: Shape
    heads: Mapping[str, tuple[str, ...]]
    accuracy: Mapping[str, float]
    held_out: str
    data: str
    data_hash: str
    images: int
    command: str
    format: int = FORMAT


def to_half_precision(network: ClassifierNetwork) -> ClassifierNetwork:
    """Round the weights to what the file holds, in place, so that what is measured is what is read back."""
    for tensor in network.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(tensor.half().float())
    return network


def save_classifier(network: ClassifierNetwork, facts: ClassifierMetadata, path: Path) -> Path:
    """Write a classifier.

    Raises:
        BadRun: the file cannot be written.
    """
    tensors = {n: t.detach().to("cpu", torch.float16).contiguous() for n, t in network.state_dict().items()
               if t.is_floating_point()}  # fmt: skip
    try:
        with replace_file(path) as temporary:  # save_file would keep it from other users
            temporary.write_bytes(save(tensors, {KEY: json.dumps(asdict(facts))}))
    except OSError as error:
        raise BadRun(f"cannot write {path}: {error}. Choose another --out.") from error
    return path


def read_classifier(name: str) -> tuple[ClassifierNetwork, ClassifierMetadata]:
    """Read a classifier.

    Args:
        name: of a shipped one, or the path of a file.

    Raises:
        BadSetting: there is no such judge, or the file is none.
    """
    path = _find_file(name)
    tensors, metadata = read_weights(path)
    facts = _read_metadata(metadata, path)
    network = ClassifierNetwork(facts.shape, {head: len(names) for head, names in facts.heads.items()})
    load_weights(network, tensors, path, "the classifier its own metadata describes")
    return network, facts


def list_shipped() -> list[str]:
    """Names of the classifiers that come with the package."""
    return sorted(file.stem for file in SHIPPED.glob("*.safetensors"))


def _find_file(name: str) -> Path:
    if name in list_shipped():
        return SHIPPED / f"{name}.safetensors"
    path = Path(name).expanduser()
    if path.suffix or path.exists():
        return path
    raise BadSetting(
        f"no classifier '{name}'.{nearest(name, list_shipped())} Train one: ganzoo classifier DATA --out FILE.safetensors"
    )


def _read_metadata(metadata: Mapping[str, str], path: Path) -> ClassifierMetadata:
    try:
        values = json.loads(metadata[KEY])
        if values["format"] != FORMAT:
            raise BadSetting(f"{path} is a classifier of format {values['format']}; this ganzoo reads {FORMAT}.")
        heads = {name: tuple(classes) for name, classes in values.pop("heads").items()}
        return ClassifierMetadata(shape=tuple(values.pop("shape")), heads=heads, **values)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadSetting(
            f"{path} holds weights, but no classifier. Train one: ganzoo classifier DATA --out FILE"
        ) from error
