"""Parts fit if somebody provides what each needs; a refusal names both and what would fit."""

import pytest

from ganzoo.assembly.build import assemble
from ganzoo.errors import DoesNotFit


@pytest.mark.parametrize(("settings", "needy", "lacking", "cure"), [
    ({"dataset": "ring-8"}, "generator 'dcgan' needs 'image'", "dataset 'ring-8'", "--data"),
    ({"penalty": ("gradient-penalty",), "discriminator.norm": "batch"}, "penalty 'gradient-penalty' needs 'per-sample'",
     "discriminator 'dcgan'", "--set discriminator.norm=none"),
])  # fmt: skip
def test_a_refusal_names_both_parts_and_the_cure(build, settings, needy, lacking, cure):
    with pytest.raises(DoesNotFit) as refused:
        build("dcgan", **settings)
    assert needy in str(refused.value)
    assert lacking in str(refused.value)
    assert cure in str(refused.value)


def test_classes_are_asked_of_the_data_itself(catalogue, configure):
    config = configure("dcgan", conditioning="projection", **{"dataset.label": "none"})
    with pytest.raises(DoesNotFit, match="needs 'labels', which dataset 'sprites' does not provide"):
        assemble(catalogue, config)


def test_the_recommended_setting_makes_a_penalty_fit(build):
    assert build("dcgan", penalty=("gradient-penalty",)).config["discriminator.norm"] == "none"
