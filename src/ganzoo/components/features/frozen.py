"""What all extractors share: they only look, and tell what they are by a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from torch import Tensor, nn


class FrozenFeatures(nn.Module):
    """A network that only looks: always in evaluation mode, without gradients of its own weights.

    Gradients of the images pass through.
    """

    dim: int
    name: str
    resizer: str

    def train(self, mode: bool = True) -> FrozenFeatures:
        """Stay in evaluation mode whatever is asked: a sample's features never depend on those beside it."""
        super().train(False)
        return self

    def freeze(self) -> None:
        """End construction: no weight asks for a gradient, no layer trains."""
        self.requires_grad_(False)
        self.train(False)

    @property
    def facts(self) -> tuple[object, ...]:
        """What besides the weights decides the features, as JSON can hold it."""
        return ()

    def fingerprint(self) -> str:
        """Hash of the weights, and of what else decides the features: equal for equal features."""
        return hash_tensors(self.state_dict(), self.facts)


def hash_tensors(tensors: Mapping[str, Tensor], facts: tuple[object, ...] = ()) -> str:
    """Hash named tensors by name, shape and value, wherever they lie.

    Args:
        tensors: the weights by name; their order does not matter.
        facts: more that counts, as JSON can hold it.

    Returns:
        SHA-256 in hexadecimal.
    """
    digest = hashlib.sha256(json.dumps(facts).encode())
    for name, tensor in sorted(tensors.items()):
        values = tensor.detach().to("cpu").contiguous().numpy()
        digest.update(json.dumps([name, str(values.dtype), list(values.shape)]).encode())
        digest.update(values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes())
    return digest.hexdigest()
