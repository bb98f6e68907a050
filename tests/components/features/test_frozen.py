"""Extractors look and never learn; their hash is that of what they see with."""

import torch
from torch import nn

from ganzoo.components.features.frozen import FrozenFeatures, hash_tensors


class Looking(FrozenFeatures):
    """A layer whose training mode would mix samples."""

    def __init__(self) -> None:
        super().__init__()
        self.network = nn.BatchNorm1d(3)
        self.freeze()


def test_it_stays_in_evaluation_mode():
    looking = Looking().train()
    assert not looking.training
    assert not looking.network.training


def test_it_asks_for_no_gradients():
    assert not any(weight.requires_grad for weight in Looking().parameters())


def test_the_hash_is_of_names_shapes_values_and_facts():
    one = {"a": torch.zeros(2, 3), "b": torch.ones(1)}
    assert hash_tensors(one) == hash_tensors(dict(reversed(one.items())))
    others = [hash_tensors(one, ("same",)), hash_tensors({**one, "b": torch.zeros(1)}), hash_tensors({"c": one["a"], "b": one["b"]}),
              hash_tensors({**one, "a": torch.zeros(3, 2)}), hash_tensors({**one, "a": torch.zeros(2, 3).double()})]  # fmt: skip
    assert len({hash_tensors(one), *others}) == 6


def test_the_hash_sees_through_strides():
    x = torch.arange(6.0).view(2, 3)
    assert hash_tensors({"a": x.T}) == hash_tensors({"a": x.T.contiguous()})
