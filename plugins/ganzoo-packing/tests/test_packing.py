import pytest
import torch
from ganzoo_packing.packing import Packing

from ganzoo.abilities import Packs
from ganzoo.engine.draws import Draws
from ganzoo.errors import BadSetting

SHAPES = [(2,), (3, 4, 4)]


def packed(images, pack):
    draw = Draws(0, len(images), 0, len(images), torch.device("cpu"))
    return Packing(pack=pack)(images, draw)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("pack", [2, 3, 4])
def test_a_pack_is_its_samples_one_after_the_other(shape, pack):
    images = torch.randn(12, *shape)
    packs = packed(images, pack)
    assert packs.shape == (12 // pack, *Packing(pack=pack).seen(shape))
    for number, together in enumerate(packs):
        assert torch.equal(together, torch.cat(list(images[number * pack : (number + 1) * pack])))


def test_it_says_what_the_critic_sees():
    assert isinstance(Packing(), Packs)
    assert Packing(pack=3).seen((3, 8, 8)) == (9, 8, 8)
    assert Packing(pack=4).seen((2,)) == (8,)


@pytest.mark.parametrize("size", [6, 7])
def test_what_does_not_fill_a_pack_is_left_out(size):
    images = torch.randn(size, 2)
    assert torch.equal(packed(images, 3), images[:6].view(2, 6))


def test_every_packed_sample_gets_its_own_gradient():
    images = torch.randn(5, 3, 4, 4, requires_grad=True)
    weights = torch.randn(2, 6, 4, 4)
    (packed(images, 2) * weights).sum().backward()
    assert torch.equal(images.grad[:4], weights.view(4, 3, 4, 4))
    assert not images.grad[4].any()


def test_any_memory_layout_packs_alike():
    images = torch.randn(4, 3, 4, 4)
    assert torch.equal(packed(images.contiguous(memory_format=torch.channels_last), 2), packed(images, 2))


def test_a_batch_smaller_than_a_pack_is_refused():
    with pytest.raises(BadSetting, match=r"packing.pack = 4, but a batch .* holds 3. Raise run.batch_size"):
        packed(torch.randn(3, 2), 4)


def test_a_critic_of_packs_sees_collapse_that_one_of_samples_cannot():
    """Two modes against one that alternates: one sample tells little, a pack of two tells the twins."""
    spread = torch.tensor([[0.0], [1.0]]).repeat(50, 1)
    twins = torch.tensor([[0.0], [0.0], [1.0], [1.0]]).repeat(25, 1)
    assert torch.equal(spread.sort(0).values, twins.sort(0).values)
    assert (packed(spread, 2).diff(dim=1) != 0).all()
    assert (packed(twins, 2).diff(dim=1) == 0).all()
