"""Building is a pure function of the configuration."""

import pytest
import torch

from ganzoo.assembly.build import assemble
from ganzoo.config.layers import Layer
from ganzoo.config.resolution import Request, resolve
from ganzoo.errors import BadSetting, DoesNotFit
from ganzoo.registry.registry import load_registry


def tensors(assembly, player):
    return assembly.trainer.players[player].state_dict()


def test_equal_seeds_build_equal_weights(build):
    one, other = (tensors(build(), "generator") for _ in range(2))
    assert all(torch.equal(one[name], other[name]) for name in one)
    different = tensors(build(**{"run.seed": 1}), "generator")
    assert not torch.equal(one["project.weight"], different["project.weight"])


def test_swapping_the_discriminator_leaves_the_generator_as_it_was(build):
    one, other = (tensors(build(discriminator=name), "generator") for name in ("dcgan", "mlp"))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_building_leaves_the_users_randomness_alone(build):
    torch.manual_seed(0)
    first = torch.rand(1)
    torch.manual_seed(0)
    build()
    assert torch.equal(torch.rand(1), first)


@pytest.mark.parametrize("size", [12, 14, 20, 24, 28])
def test_sizes_of_base_times_a_power_of_two_are_built(build, size):
    assembly = build(**{"dataset.resolution": size})
    images = assembly.trainer.players["generator"](torch.randn(2, 4), torch.zeros(2, dtype=torch.int64))
    assert images.shape == (2, 3, size, size)


def test_another_size_is_refused_with_the_nearest(build):
    with pytest.raises(BadSetting, match="--resolution"):
        build(**{"dataset.resolution": 30})


def test_classes_reach_the_generator_only_under_conditioning(build):
    assert build().num_classes == 0
    assert build(conditioning="projection").num_classes == 8


DEAF = """
from ganzoo.registry.hooks import hookimpl
from ganzoo.registry.specs import Component
from ganzoo.components.trainers.adversarial import Adversarial

class Deaf(Adversarial):
    def __init__(self, generator, discriminator, loss):
        super().__init__(generator, discriminator, loss, {}, {})

@hookimpl
def ganzoo_components():
    yield Component("trainer", "deaf", f"{__name__}:Deaf", "takes neither terms nor augmentations")
"""


@pytest.mark.parametrize(("kind", "name"), [("term", "lecam"), ("augmentation", "packing")])
def test_a_component_that_the_trainer_does_not_take_is_refused(tmp_path, kind, name):
    file = tmp_path / f"deaf_to_{kind}.py"
    file.write_text(DEAF)
    deaf = load_registry([file])

    def built(**parts):
        return assemble(deaf, resolve(deaf, Request("toy", (Layer("test", {"trainer": ("deaf",), **parts}),))))

    with pytest.raises(DoesNotFit, match=f"takes no .*{kind} '{name}' would do nothing.*--{kind} none"):
        built(**{kind: (name,)})
    assert built()
