import pytest
import torch
from ganzoo_packing.packing import Packing

from ganzoo import BadSetting, Packs
from ganzoo.assembly.build import assemble, build_engine
from ganzoo.config.layers import split_layer
from ganzoo.config.resolution import Request, resolve
from ganzoo.registry.registry import load_registry
from ganzoo.training.rng import BatchRng

SHAPES, REGISTRY = [(2,), (3, 4, 4)], load_registry()


def pack_images(images, pack):
    rng = BatchRng(0, len(images), 0, len(images), torch.device("cpu"))
    return Packing(pack=pack)(images, rng)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("pack", [2, 3, 4])
def test_a_pack_concatenates_its_samples(shape, pack):
    images = torch.randn(12, *shape)
    packs = pack_images(images, pack)
    assert packs.shape == (12 // pack, *Packing(pack=pack).output_shape(shape))
    for number, together in enumerate(packs):
        assert torch.equal(together, torch.cat(list(images[number * pack : (number + 1) * pack])))


def test_output_shape_is_that_of_a_pack():
    assert isinstance(Packing(), Packs)
    assert Packing(pack=3).output_shape((3, 8, 8)) == (9, 8, 8)
    assert Packing(pack=4).output_shape((2,)) == (8,)


@pytest.mark.parametrize("size", [6, 7])
def test_the_remainder_of_a_batch_is_left_out(size):
    images = torch.randn(size, 2)
    assert torch.equal(pack_images(images, 3), images[:6].view(2, 6))


def test_every_packed_sample_gets_its_own_gradient():
    images = torch.randn(5, 3, 4, 4, requires_grad=True)
    weights = torch.randn(2, 6, 4, 4)
    (pack_images(images, 2) * weights).sum().backward()
    assert torch.equal(images.grad[:4], weights.view(4, 3, 4, 4))
    assert not images.grad[4].any()


def test_memory_layout_does_not_matter():
    images = torch.randn(4, 3, 4, 4)
    assert torch.equal(pack_images(images.contiguous(memory_format=torch.channels_last), 2), pack_images(images, 2))


def test_a_batch_smaller_than_a_pack_is_refused():
    with pytest.raises(BadSetting, match=r"packing.pack = 4, but a batch has 3 samples. Raise run.batch_size"):
        pack_images(torch.randn(3, 2), 4)


def test_a_packed_discriminator_sees_a_collapse_that_single_samples_hide():
    """Two modes against one that alternates: single samples look alike, packs of two do not."""
    spread = torch.tensor([[0.0], [1.0]]).repeat(50, 1)
    twins = torch.tensor([[0.0], [0.0], [1.0], [1.0]]).repeat(25, 1)
    assert torch.equal(spread.sort(0).values, twins.sort(0).values)
    assert (pack_images(spread, 2).diff(dim=1) != 0).all()
    assert (pack_images(twins, 2).diff(dim=1) == 0).all()


@pytest.mark.parametrize("split", [{"run.accumulate": 5}, {"run.micro_batch_size": 3}], ids=str)
def test_accumulation_gives_the_same_update(split):
    """Twelve samples are six packs, however the batch is split, and all count equally."""
    moved = []
    for settings in ({}, split):
        values = {"augmentation": "packing", "run.batch_size": 12, "run.device": "cpu", **settings}
        config = resolve(REGISTRY, Request("toy", (split_layer("test", values),)))
        run = build_engine(assemble(REGISTRY, config), REGISTRY)
        run.phases = run.phases[:1]
        run.step()
        moved.append(torch.cat([p.grad.flatten() for p in run.players["discriminator"].parameters]))
    assert torch.allclose(*moved, atol=1e-6)
