"""Extractors look and never learn; their hash is that of what they see with."""

import torch
from torch import nn

from ganzoo.features.frozen import Frozen, hash_of


class Looking(Frozen):
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
    assert hash_of(one) == hash_of(dict(reversed(one.items())))
    others = [hash_of(one, ("same",)), hash_of({**one, "b": torch.zeros(1)}), hash_of({"c": one["a"], "b": one["b"]}),
              hash_of({**one, "a": torch.zeros(3, 2)}), hash_of({**one, "a": torch.zeros(2, 3).double()})]  # fmt: skip
    assert len({hash_of(one), *others}) == 6


def test_the_hash_sees_through_strides():
    x = torch.arange(6.0).view(2, 3)
    assert hash_of({"a": x.T}) == hash_of({"a": x.T.contiguous()})
