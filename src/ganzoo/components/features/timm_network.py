"""Features of any network of timm, with weights from a file.

Shapes: N samples, D features, K classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, cast

import torch
from annotated_types import Ge
from torch import Tensor

from ganzoo.components.features.frozen import FrozenFeatures
from ganzoo.components.features.preprocessing import (
    assert_channels,
    assert_images,
    convert_channels,
    resize,
    resizer_name,
)
from ganzoo.components.features.weights_file import load_weights, read_weights
from ganzoo.errors import BadSetting, DoesNotFit, nearest
from ganzoo.registry.specs import Shape

Padding = Literal["auto", "symmetric", "same"]
TENSORFLOW_CLASSES = 1001
"""Classes of TensorFlow's ImageNet networks, with a class 0 for the background: they pad as TensorFlow does (``same``,
more below and to the right) and take pixels as ``x / 127.5 - 1``."""


class TimmFeatures(FrozenFeatures):
    """The pooled features of a timm network, before its classifier.

    The number of classes follows from the weights. Weights of 1,001 classes count as TensorFlow's and set the defaults
    of padding, mean and std; for others timm's configuration of the model does.

    Args:
        shape: of one image, with 1 to 4 channels and any size.
        model: name of the network, such as ``mobilenetv2_100``; on the command line, the part after ``timm:``.
        weights: a safetensors file with the model's weights; nothing is downloaded.
        resize: side in pixels to which images are resized; none takes the size the model was trained at.
        padding: padding of the convolutions; auto follows from the weights.
        mean: subtracted from pixels in [0, 1], one number a channel or one for all; none follows from the weights.
        std: divisor after that, one number a channel or one for all; none follows from the weights.

    Raises:
        BadSetting: timm is not installed, has no such model, or the weights are missing.
        DoesNotFit: the weights belong to another model, or the data are no images.
    """

    argument: ClassVar[str] = "model"

    def __init__(
        self,
        shape: Shape,
        *,
        model: str = "",
        weights: str | None = None,
        resize: Annotated[int, Ge(8)] | None = None,
        padding: Padding = "auto",
        mean: tuple[float, ...] | None = None,
        std: tuple[float, ...] | None = None,
    ) -> None:
        super().__init__()
        assert_images(shape, "networks of timm")
        cfg = _read_configuration(model)
        assert_channels(shape, int(cfg["input_size"][0]), f"timm:{model}")
        if weights is None:
            raise BadSetting(
                f"features 'timm:{model}' need weights, which are not downloaded: --weights FILE.safetensors"
            )
        path = Path(weights).expanduser()
        tensors, _ = read_weights(path)
        self._classes = _count_classes(tensors, cfg.get("classifier"))
        tensorflow = self._classes == TENSORFLOW_CLASSES
        self._same = padding == "same" or (padding == "auto" and tensorflow)
        self.network = _create_network(model, self._classes, same=self._same)
        load_weights(self.network, tensors, path, f"timm:{model}")
        self._channels, side = int(cfg["input_size"][0]), resize or int(cfg["input_size"][1])
        self._size = (side, side)
        self._mean = _expand_to_channels(mean or ((0.5,) if tensorflow else cfg["mean"]), self._channels, "mean")
        self._std = _expand_to_channels(std or ((0.5,) if tensorflow else cfg["std"]), self._channels, "std")
        self.name, self.resizer = f"timm:{model}", resizer_name(self._size)
        self.freeze()
        with torch.no_grad():
            self.dim = int(self(torch.zeros(1, *shape)).shape[1])

    @property
    def settings(self) -> tuple[object, ...]:
        """Padding, mean and std."""
        return (self._same, list(self._mean), list(self._std))

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(N, *shape)`` to ``(N, D)``."""
        return cast(Tensor, self.network.forward_head(self._forward_features(images), pre_logits=True)).float()

    def probabilities(self, images: Tensor) -> Tensor:
        """Map ``(N, *shape)`` to ``(N, K)``, the classes the weights were trained on.

        Raises:
            DoesNotFit: the weights hold no classifier.
        """
        if not self._classes:
            raise DoesNotFit(f"the weights of {self.name} hold no classifier, so there are no class probabilities.")
        return cast(Tensor, self.network.forward_head(self._forward_features(images))).float().softmax(1)

    def maps(self, images: Tensor) -> list[Tensor]:
        """Return the activations ``(N, C, H, W)`` that timm offers, from fine to coarse.

        Raises:
            DoesNotFit: timm offers none for this model.
        """
        if not hasattr(self.network, "forward_intermediates"):
            raise DoesNotFit(f"timm has no maps of {self.name}. Choose --features random, classifier or another model.")
        return list(self.network.forward_intermediates(self._preprocess(images), intermediates_only=True))

    def _forward_features(self, images: Tensor) -> Tensor:
        return cast(Tensor, self.network.forward_features(self._preprocess(images)))

    def _preprocess(self, images: Tensor) -> Tensor:
        x = resize(convert_channels(images.float(), self._channels), self._size) / 2 + 0.5
        return (x - x.new_tensor(self._mean)[:, None, None]) / x.new_tensor(self._std)[:, None, None]


def _import_timm() -> Any:  # noqa: ANN401 - timm has no types
    try:
        import timm
    except ImportError as error:
        raise BadSetting("features 'timm' need timm: pip install 'ganzoo-core[metrics]'") from error
    return timm


def _read_configuration(model: str) -> Mapping[str, Any]:
    """Return timm's configuration of a model: input size, mean, std, name of the classifier."""
    timm = _import_timm()
    if not model:
        raise BadSetting("features 'timm' need a model: --features timm:mobilenetv2_100 --weights FILE.safetensors")
    if not timm.is_model(model):
        hint = nearest(model, timm.list_models())
        raise BadSetting(f"timm has no model '{model}'.{hint} See: python -c 'import timm; print(*timm.list_models())'")
    return cast(Mapping[str, Any], timm.get_pretrained_cfg(model).to_dict())


def _count_classes(tensors: Mapping[str, Tensor], classifier: object) -> int:
    """Return the number of classes of the weights; 0 without a classifier."""
    names = classifier if isinstance(classifier, list | tuple) else [classifier]
    weight = next((tensors[f"{name}.weight"] for name in names if f"{name}.weight" in tensors), None)
    return 0 if weight is None else len(weight)


def _create_network(model: str, classes: int, *, same: bool) -> Any:  # noqa: ANN401 - timm has no types
    options: dict[str, object] = {"pad_type": "same"} if same else {}
    try:
        return _import_timm().create_model(model, pretrained=False, num_classes=classes, **options)
    except TypeError as error:
        raise BadSetting(
            f"timm:{model} does not let you choose the padding: --set features.padding=symmetric"
        ) from error


def _expand_to_channels(values: tuple[float, ...], channels: int, what: str) -> tuple[float, ...]:
    if len(values) not in (1, channels):
        raise BadSetting(f"features.{what} = {values}: type one number, or {channels}, one a channel.")
    return tuple(map(float, values)) * (channels if len(values) == 1 else 1)
