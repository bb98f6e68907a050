"""Feature extractors are never trained, and their hash covers all that features depend on."""

import torch
from torch import nn

from ganzoo.components.features.frozen import FrozenFeatures, hash_tensors


class Extractor(FrozenFeatures):
    """A layer whose training mode would mix samples."""

    def __init__(self) -> None:
        super().__init__()
        self.network = nn.BatchNorm1d(3)
        self.freeze()


def test_it_stays_in_evaluation_mode():
    features = Extractor().train()
    assert not features.training
    assert not features.network.training


def test_no_weight_requires_a_gradient():
    assert not any(weight.requires_grad for weight in Extractor().parameters())


def test_the_hash_covers_names_shapes_values_and_settings():
    one = {"a": torch.zeros(2, 3), "b": torch.ones(1)}
    assert hash_tensors(one) == hash_tensors(dict(reversed(one.items())))
    others = [
        {**one, "b": torch.zeros(1)},
        {"c": one["a"], "b": one["b"]},
        {**one, "a": torch.zeros(3, 2)},
        {**one, "a": torch.zeros(2, 3).double()},
    ]
    assert len({hash_tensors(one), hash_tensors(one, ("same",)), *map(hash_tensors, others)}) == 6


def test_the_hash_does_not_depend_on_strides():
    x = torch.arange(6.0).view(2, 3)
    assert hash_tensors({"a": x.T}) == hash_tensors({"a": x.T.contiguous()})
