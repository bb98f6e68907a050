"""Raw features are the values of a sample."""

import pytest
import torch

from ganzoo.components.features.raw import RawFeatures
from ganzoo.errors import DoesNotFit


@pytest.mark.parametrize("shape", [(2,), (3, 8, 8), (1, 64, 64)])
def test_they_are_the_values(images, shape):
    features, x = RawFeatures(shape), images(*shape)
    assert features.dim == features(x).shape[1]
    assert torch.equal(features(x), x.flatten(1))


def test_large_images_are_refused_with_what_to_choose():
    with pytest.raises(DoesNotFit, match=r"12,288 values.*--features random"):
        RawFeatures((3, 64, 64))
