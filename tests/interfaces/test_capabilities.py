"""A component is recognised by its methods."""

from ganzoo.interfaces.capabilities import pack_size, packs


class Pack:
    def __init__(self, size):
        self.size = size

    def output_shape(self, shape):
        return (self.size * shape[0], *shape[1:])


def test_packing_needs_a_method_and_not_merely_its_name():
    class Named:
        output_shape = (3, 8, 8)

    assert packs(Pack(2))
    assert not packs(Named())
    assert not packs(object())


def test_pack_sizes_multiply():
    assert pack_size([Pack(2), object(), Pack(3)], (3, 8, 8)) == 6
    assert pack_size([object()], (3, 8, 8)) == pack_size([], (2,)) == 1
