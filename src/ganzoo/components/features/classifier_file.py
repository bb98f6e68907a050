"""A classifier as a file: half-precision weights, and its metadata as JSON in the safetensors header."""

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

KEY = "ganzoo_classifier"
"""Key of the metadata in the safetensors header."""
FORMAT = 1
SHIPPED = Path(__file__).parent / "weights"


@dataclass(frozen=True)
class ClassifierMetadata:
    """Facts about a trained classifier.

    Args:
        shape: of the images it takes.
        heads: class names by name of head.
        accuracy: share of held-out samples it names rightly, by head.
        held_out: number and origin of the held-out samples.
        data: name of the data it was trained on.
        data_hash: fingerprint of that data.
        images: samples seen in training.
        command: command that trains it again.
        format: version of the file format.
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
    """Round the weights in place to what the file holds, so that measurements are those of the file."""
    for tensor in network.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(tensor.half().float())
    return network


def save_classifier(network: ClassifierNetwork, metadata: ClassifierMetadata, path: Path) -> Path:
    """Write a classifier.

    Raises:
        BadRun: the file cannot be written.
    """
    tensors = {n: t.detach().to("cpu", torch.float16).contiguous() for n, t in network.state_dict().items()
               if t.is_floating_point()}  # fmt: skip
    try:
        with replace_file(path) as temporary:  # save_file would make it unreadable for other users
            temporary.write_bytes(save(tensors, {KEY: json.dumps(asdict(metadata))}))
    except OSError as error:
        raise BadRun(f"cannot write {path}: {error}. Choose another --out.") from error
    return path


def read_classifier(name: str) -> tuple[ClassifierNetwork, ClassifierMetadata]:
    """Read a classifier.

    Args:
        name: of a shipped classifier, or the path of a file.

    Raises:
        BadSetting: there is no such classifier, or the file holds none.
    """
    path = SHIPPED / f"{name}.safetensors" if name in list_shipped() else Path(name).expanduser()
    if not path.suffix and not path.exists():
        raise BadSetting(
            f"no classifier '{name}'.{nearest(name, list_shipped())} "
            "Train one: ganzoo classifier DATA --out FILE.safetensors"
        )
    tensors, header = read_weights(path)
    metadata = _read_metadata(header, path)
    network = ClassifierNetwork(metadata.shape, {head: len(names) for head, names in metadata.heads.items()})
    load_weights(network, tensors, path, "the classifier its own metadata describes")
    return network, metadata


def list_shipped() -> list[str]:
    """Return the names of the classifiers that come with the package."""
    return sorted(file.stem for file in SHIPPED.glob("*.safetensors"))


def _read_metadata(header: Mapping[str, str], path: Path) -> ClassifierMetadata:
    try:
        values = json.loads(header[KEY])
        if values["format"] != FORMAT:
            raise BadSetting(f"{path} is a classifier of format {values['format']}; this ganzoo reads {FORMAT}.")
        heads = {name: tuple(classes) for name, classes in values.pop("heads").items()}
        return ClassifierMetadata(shape=tuple(values.pop("shape")), heads=heads, **values)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadSetting(
            f"{path} holds weights, but no classifier. Train one: ganzoo classifier DATA --out FILE"
        ) from error
