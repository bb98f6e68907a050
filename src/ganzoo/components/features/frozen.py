"""The base class of feature extractors: frozen networks, identified by a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from torch import Tensor, nn


class FrozenFeatures(nn.Module):
    """A network that is never trained: always in evaluation mode, without gradients of its own weights.

    Gradients of the images pass through.
    """

    dim: int
    name: str
    resizer: str

    def train(self, mode: bool = True) -> FrozenFeatures:
        """Stay in evaluation mode: a sample's features never depend on the rest of the batch."""
        super().train(False)
        return self

    def freeze(self) -> None:
        """End construction: turn gradients of all weights off and switch to evaluation mode."""
        self.requires_grad_(False)
        self.train(False)

    @property
    def settings(self) -> tuple[object, ...]:
        """Everything beside the weights that the features depend on, as JSON values."""
        return ()

    def fingerprint(self) -> str:
        """Return a hash of the weights and settings: equal for equal features."""
        return hash_tensors(self.state_dict(), self.settings)


def hash_tensors(tensors: Mapping[str, Tensor], settings: tuple[object, ...] = ()) -> str:
    """Hash named tensors by name, shape and value, whatever their device.

    Args:
        tensors: tensors by name; their order does not matter.
        settings: further JSON values to hash.

    Returns:
        SHA-256 in hexadecimal.
    """
    digest = hashlib.sha256(json.dumps(settings).encode())
    for name, tensor in sorted(tensors.items()):
        values = tensor.detach().to("cpu").contiguous().numpy()
        digest.update(json.dumps([name, str(values.dtype), list(values.shape)]).encode())
        digest.update(values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes())
    return digest.hexdigest()
