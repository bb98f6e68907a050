"""The contents of a batch depend on the seed and its number only."""

import numpy as np
import pytest
import torch

from ganzoo.errors import BadSetting
from ganzoo.training.data_loader import DataLoader, split_held_out


class Numbers:
    """Twelve grey 4x4 images whose value is their index."""

    shape, num_classes, class_names = (1, 4, 4), 0, ()

    def __init__(self, count=12):
        self.count, self.reads = count, 0

    def __len__(self):
        return self.count

    def read(self, indices):
        self.reads += 1
        images = np.broadcast_to(indices.astype(np.uint8)[:, None, None, None], (len(indices), 1, 4, 4)).copy()
        images[:, :, :, 0] = 255
        return {"images": images, "labels": indices.astype(np.int64)}

    def fingerprint(self):
        return "numbers"


def batches(count=12, size=5, **options):
    return DataLoader(Numbers(count), size, seed=options.pop("seed", 3), device=torch.device("cpu"), **options)


def test_every_pass_has_every_sample_once():
    source = batches()
    seen = np.concatenate([source.indices(k) for k in range(12)])
    for one_pass in seen.reshape(5, 12):
        assert sorted(one_pass) == list(range(12))
    assert not np.array_equal(seen[:12], seen[12:24])


def test_a_set_smaller_than_the_batch_wraps_around():
    assert sorted(batches(count=2, size=6).indices(0)) == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_workers_change_nothing(workers):
    source, plain = batches(workers=workers, mirror=True), batches(mirror=True)
    for k in (0, 1, 2, 5, 3):
        ours, theirs = source.at(k), plain.at(k)
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    source.close()


def test_images_become_floats_from_minus_one_to_one():
    images = batches().at(0)["images"]
    assert images.dtype == torch.float32
    assert images.max().item() == 1.0
    assert images.min().item() >= -1.0


def test_mirroring_flips_about_half():
    columns = torch.cat([batches(size=32, mirror=True).at(k)["images"] for k in range(8)])[:, 0, 0]
    flipped = (columns[:, -1] == 1.0).float().mean().item()
    assert 0.35 < flipped < 0.65
    assert torch.equal(columns.max(1).values, torch.ones(256))


def test_seeds_give_different_orders():
    assert not np.array_equal(batches(seed=0).indices(0), batches(seed=1).indices(0))


def test_held_out_samples_are_in_no_batch_and_all_others_are():
    trained, kept = split_held_out(12, 3)
    assert len(kept) == 3
    assert sorted([*trained, *kept]) == list(range(12))
    source = batches(held_out=3, size=9)
    for k in range(4):
        assert sorted(source.indices(k)) == trained.tolist()


def test_held_out_samples_do_not_depend_on_the_run():
    assert np.array_equal(split_held_out(1_000, 50)[1], split_held_out(1_000, 50)[1])
    assert set(batches(held_out=3, seed=0, size=9).indices(0)) == set(batches(held_out=3, seed=1, size=9).indices(0))


def test_holding_out_nothing_changes_nothing():
    assert np.array_equal(batches(held_out=0).indices(3), batches().indices(3))
    assert split_held_out(5, 0)[0].tolist() == list(range(5))


def test_holding_out_everything_is_refused():
    with pytest.raises(BadSetting, match="held_out = 12 holds out all 12 samples"):
        batches(held_out=12)
