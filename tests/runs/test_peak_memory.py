import torch

from ganzoo.runs import peak_memory as memory


def test_the_peak_of_the_host_grows_with_use():
    before = memory.peak_gib()
    block = torch.ones(64 * 2**20)  # a quarter of a GiB
    grown = memory.peak_gib()
    assert before is not None and grown is not None
    assert 0 < before <= grown
    if not memory.on_gpu():
        assert grown >= block.nbytes / 2**30


def test_the_peak_of_a_gpu_counts_where_one_is_used(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: [0, 3, 1][device] * 2**30)
    assert (memory.on_gpu(), memory.peak_gib()) == (True, 3)
