"""Style mixing."""

import pytest
import torch

from ganzoo.sampling.style_mixing import PARTS, generate_style_mixing, get_layer_range, mix_styles


@pytest.mark.parametrize("num_styles", [3, 4, 7, 8, 14, 18])
def test_the_parts_cover_every_layer_once_in_order(num_styles):
    layers = [i for part in PARTS for i in range(num_styles)[get_layer_range(part, num_styles)]]
    assert layers == list(range(num_styles))
    assert all(len(range(num_styles)[get_layer_range(part, num_styles)]) >= 1 for part in PARTS)


def test_of_eighteen_layers_each_part_has_six():
    assert [get_layer_range(part, 18) for part in PARTS] == [slice(0, 6), slice(6, 12), slice(12, 18)]


def test_only_the_layers_of_the_part_are_replaced():
    one, other = torch.zeros(2, 6, 3), torch.ones(2, 6, 3)
    result = mix_styles(one, other, "middle")
    assert result[:, 2:4].min() == 1
    assert result[:, [0, 1, 4, 5]].max() == 0
    assert one.max() == 0


def test_the_sheet_by_hand(painter):
    latents, labels = torch.randn(5, 4, generator=torch.Generator().manual_seed(1)), torch.zeros(5, dtype=torch.int64)
    rows, columns = (latents[:2], labels[:2]), (latents[2:], labels[2:])
    table = generate_style_mixing(painter, rows, columns, "fine").unflatten(0, (3, 4))
    assert (table[0, 0] == 1).all()
    torch.testing.assert_close(table[0, 1:], painter(*columns))
    torch.testing.assert_close(table[1:, 0], painter(*rows))
    torch.testing.assert_close(table[2, 3, :, :2], painter(*rows)[1][:, :2])  # coarse and middle of the row
    torch.testing.assert_close(table[2, 3, :, 2:], painter(*columns)[2][:, 2:])  # fine of the column
