"""The kit finds on a CPU what would make the host wait for a GPU."""

import pytest
import torch

from ganzoo.checks.synchronisation import find_host_reads

X = torch.arange(4.0)


@pytest.mark.parametrize(
    "work",
    [
        lambda: X.sum().item(),
        lambda: float(X.sum()),
        lambda: 1 if X.sum() > 3 else 0,
        lambda: X[X > 1],
        lambda: X.nonzero(),
        lambda: X.masked_select(X > 1),
        lambda: torch.equal(X, X),
        lambda: X.clone().__setitem__(X > 1, 0.0),
        lambda: X.unique(),
    ],
    ids=["item", "float", "branch", "mask", "nonzero", "masked_select", "equal", "write by mask", "unique"],
)
def test_what_reads_a_tensor_on_the_host_is_seen(work):
    with find_host_reads() as seen:
        work()
    assert seen


@pytest.mark.parametrize(
    "work",
    [
        lambda: torch.where(X > 1, X, 0),
        lambda: X[torch.tensor([0, 2])],
        lambda: X.clone().clamp_(0, 1).mean(),
        lambda: X.clone().masked_fill_(X > 1, 0.0),
        lambda: torch.nn.functional.one_hot(X.long(), 4),
    ],
    ids=["where", "index", "clamp", "masked_fill", "one_hot"],
)
def test_what_stays_on_the_device_is_not(work):
    with find_host_reads() as seen:
        work()
    assert not seen
