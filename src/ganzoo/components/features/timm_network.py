"""Any network of timm, with weights from a file.

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
"""ImageNet as TensorFlow's own networks learnt it, with a class 0 for the background: they pad as TensorFlow does
(``same``, more below and to the right) and see pixels as ``x / 127.5 - 1``."""


class TimmFeatures(FrozenFeatures):
    """What a network of timm sees: its pooled features before the classifier.

    The classifier's size is that of the weights. Weights of 1,001 classes are taken for TensorFlow's, which decides
    padding, mean and spread where no setting does; otherwise timm's own configuration of the model does.

    Args:
        shape: of one image, of 1 to 4 channels and any size.
        model: name of the network, such as ``mobilenetv2_100``: the part behind ``timm:``.
        weights: a safetensors file with the model's weights; nothing is downloaded.
        resize: side in pixels to which images are brought; none takes the size the model was trained at.
        padding: how convolutions pad; auto goes by the weights.
        mean: subtracted from pixels in [0, 1], one number a channel or one for all; none goes by the weights.
        std: divides them then, likewise.

    Raises:
        BadSetting: timm is not installed, has no such model, or the weights are missing.
        DoesNotFit: the weights are another model's, or the data are no images.
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
        cfg = _configuration(model)
        assert_channels(shape, int(cfg["input_size"][0]), f"timm:{model} and its kin")
        path = _weights_path(model, weights)
        tensors, _ = read_weights(path)
        self._classes = _classes_in(tensors, cfg.get("classifier"))
        tensorflow = self._classes == TENSORFLOW_CLASSES
        self._same = padding == "same" or (padding == "auto" and tensorflow)
        self.network = _created(model, self._classes, same=self._same)
        load_weights(self.network, tensors, path, f"timm:{model}")
        self._channels, side = int(cfg["input_size"][0]), resize or int(cfg["input_size"][1])
        self._size = (side, side)
        self._mean = _each(mean or ((0.5,) if tensorflow else cfg["mean"]), self._channels, "mean")
        self._std = _each(std or ((0.5,) if tensorflow else cfg["std"]), self._channels, "std")
        self.name, self.resizer = f"timm:{model}", resizer_name(self._size)
        self.freeze()
        with torch.no_grad():
            self.dim = int(self(torch.zeros(1, *shape)).shape[1])

    @property
    def facts(self) -> tuple[object, ...]:
        """Padding, mean and spread."""
        return (self._same, list(self._mean), list(self._std))

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(N, *shape)`` to ``(N, D)``."""
        return cast(Tensor, self.network.forward_head(self._deep(images), pre_logits=True)).float()

    def probabilities(self, images: Tensor) -> Tensor:
        """Map ``(N, *shape)`` to ``(N, K)``, the classes the weights were trained on.

        Raises:
            DoesNotFit: the weights hold no classifier.
        """
        if not self._classes:
            raise DoesNotFit(f"the weights of {self.name} hold no classifier, so it gives no probabilities of classes.")
        return cast(Tensor, self.network.forward_head(self._deep(images))).float().softmax(1)

    def maps(self, images: Tensor) -> list[Tensor]:
        """Activations ``(N, C, H, W)`` of the depths timm gives, from fine to coarse.

        Raises:
            DoesNotFit: timm gives none of this model.
        """
        if not hasattr(self.network, "forward_intermediates"):
            raise DoesNotFit(f"timm gives no maps of {self.name}. Choose --features random, judge or another model.")
        return list(self.network.forward_intermediates(self._seen(images), intermediates_only=True))

    def _deep(self, images: Tensor) -> Tensor:
        return cast(Tensor, self.network.forward_features(self._seen(images)))

    def _seen(self, images: Tensor) -> Tensor:
        x = resize(convert_channels(images.float(), self._channels), self._size) / 2 + 0.5
        return (x - x.new_tensor(self._mean)[:, None, None]) / x.new_tensor(self._std)[:, None, None]


def _timm() -> Any:  # noqa: ANN401 - timm has no types
    try:
        import timm
    except ImportError as error:
        raise BadSetting("features 'timm' need timm: pip install 'ganzoo-core[metrics]'") from error
    return timm


def _configuration(model: str) -> Mapping[str, Any]:
    """What timm knows of a model: input size, mean, spread, name of the classifier."""
    timm = _timm()
    if not model:
        raise BadSetting("features 'timm' need a model: --features timm:mobilenetv2_100 --weights FILE.safetensors")
    if not timm.is_model(model):
        hint = nearest(model, timm.list_models())
        raise BadSetting(f"timm has no model '{model}'.{hint} See: python -c 'import timm; print(*timm.list_models())'")
    return cast(Mapping[str, Any], timm.get_pretrained_cfg(model).to_dict())


def _weights_path(model: str, weights: str | None) -> Path:
    if weights is None:
        raise BadSetting(f"features 'timm:{model}' need weights, none is downloaded: --weights FILE.safetensors")
    return Path(weights).expanduser()


def _classes_in(tensors: Mapping[str, Tensor], classifier: object) -> int:
    """Size of the classifier among the weights; 0 without one."""
    names = classifier if isinstance(classifier, list | tuple) else [classifier]
    weight = next((tensors[f"{name}.weight"] for name in names if f"{name}.weight" in tensors), None)
    return 0 if weight is None else len(weight)


def _created(model: str, classes: int, *, same: bool) -> Any:  # noqa: ANN401 - timm has no types
    options: dict[str, object] = {"pad_type": "same"} if same else {}
    try:
        return _timm().create_model(model, pretrained=False, num_classes=classes, **options)
    except TypeError as error:
        raise BadSetting(f"timm:{model} has no choice of padding: --set features.padding=symmetric") from error


def _each(values: tuple[float, ...], channels: int, what: str) -> tuple[float, ...]:
    if len(values) not in (1, channels):
        raise BadSetting(f"features.{what} = {values}: give one number, or {channels}, one a channel.")
    return tuple(map(float, values)) * (channels if len(values) == 1 else 1)
