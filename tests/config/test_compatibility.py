"""Components fit if each need is provided; a refusal names both components and what would fit."""

import pytest

from ganzoo.assembly.build import assemble
from ganzoo.errors import DoesNotFit


@pytest.mark.parametrize(("settings", "needy", "lacking", "cure"), [
    ({"dataset": "ring-8"}, "generator 'dcgan' needs 'image'", "dataset 'ring-8'", "--data"),
    ({"term": ("gradient-penalty",), "discriminator.norm": "batch"}, "term 'gradient-penalty' needs 'per-sample'",
     "discriminator 'dcgan'", "--set discriminator.norm=none"),
])  # fmt: skip
def test_a_refusal_names_both_components_and_the_cure(build, settings, needy, lacking, cure):
    with pytest.raises(DoesNotFit) as refused:
        build("dcgan", **settings)
    assert needy in str(refused.value)
    assert lacking in str(refused.value)
    assert cure in str(refused.value)


def test_classes_are_asked_of_the_data_itself(catalogue, configure):
    config = configure("dcgan", conditioning="projection", **{"dataset.label": "none"})
    with pytest.raises(DoesNotFit, match="needs 'labels', which dataset 'sprites' does not provide"):
        assemble(catalogue, config)


def test_the_recommended_setting_makes_a_term_fit(build):
    assert build("dcgan", term=("gradient-penalty",)).config["discriminator.norm"] == "none"


def test_a_generator_that_takes_no_classes_is_refused_under_conditioning(tmp_path):
    from ganzoo.config.layers import split_layer
    from ganzoo.config.resolution import Request, resolve
    from ganzoo.registry.registry import load_registry

    plugin = tmp_path / "blind_plugin.py"
    plugin.write_text(
        "from ganzoo import Component, hookimpl\n\n"
        "@hookimpl\ndef ganzoo_components():\n"
        "    yield Component('generator', 'blind', 'blind_plugin:Blind', 'sees no classes')\n\n"
        "class Blind:\n    def __init__(self, shape):\n        pass\n"
    )
    catalogue = load_registry([plugin])
    values = {"generator": "blind", "conditioning": "projection"}
    config = resolve(catalogue, Request("dcgan", (split_layer("command line", values),)))
    with pytest.raises(DoesNotFit, match="needs 'class-conditional', which generator 'blind' does not provide"):
        assemble(catalogue, config)
