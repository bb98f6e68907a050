from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import ganzoo.components.datasets.files.cache as module
from ganzoo.components.datasets.files.cache import cache_root, load_cached
from ganzoo.components.datasets.files.decode import ImageFormat
from ganzoo.components.datasets.files.listing import Item, Listing
from ganzoo.components.datasets.images import Folder, Zip
from ganzoo.errors import BadData


class Grey:
    """Four grey images; a callback runs before the third."""

    where = "grey"

    def __init__(self, callback=lambda: None, size=1):
        self.callback, self.size = callback, size

    def key(self):
        return "grey"

    def listing(self, *, labels):
        def items():
            for k in range(4):
                if k == 2:
                    self.callback()
                pixels = np.full((1, self.size, self.size), k, np.uint8)
                yield Item(f"{k}.png", partial(np.asarray, pixels), 1 if labels else None)

        return Listing(4, items)


COMPLETE = ImageFormat(1, 1)  # with both given, a source is read once


@pytest.fixture
def decoded(monkeypatch):
    """Names of the images decoded so far."""
    names = []
    original = module.decode
    monkeypatch.setattr(
        module, "decode", lambda item, image_format: (names.append(item.name), original(item, image_format))[1]
    )
    return names


def visible(cache: Path) -> list[str]:
    return [entry.name for entry in (cache / "images").glob("*") if entry.name[0] != "."]


def hidden(cache: Path) -> list[Path]:
    return list((cache / "images").glob(".*"))


def test_the_second_opening_decodes_nothing(tmp_path, save, decoded):
    save(tmp_path / "1.png")
    first, second = Folder(path=str(tmp_path)), Folder(path=str(tmp_path))
    assert len(decoded) == 1
    assert first.fingerprint() == second.fingerprint()


def test_a_changed_source_is_decoded_again(tmp_path, save, decoded):
    save(tmp_path / "1.png")
    before = Folder(path=str(tmp_path)).fingerprint()
    save(tmp_path / "2.png")
    after = Folder(path=str(tmp_path))
    assert len(after) == 2
    assert after.fingerprint() != before


def test_each_setting_has_a_separate_cache(cache):
    for image_format in (ImageFormat(1, 1), ImageFormat(1, 2), ImageFormat(3, 1), ImageFormat(1, 1, "black")):
        load_cached(Grey(), image_format, labels=True)
    assert len(visible(cache)) == 4


def test_folder_and_zip_of_the_same_images_have_equal_fingerprints(tmp_path, save):
    names = ["b/1.png", "a/2.png", "a.x/3.png", "a/Z.png"]
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for name in names:
            archive.write(save(tmp_path / "set" / name), name)
    folder, packed = Folder(path=str(tmp_path / "set")), Zip(path=str(tmp_path / "set.zip"))
    assert folder.fingerprint() == packed.fingerprint()
    assert folder.class_names == packed.class_names


def test_a_copied_zip_is_not_decoded_again(tmp_path, save, decoded):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(save(tmp_path / "1.png"), "1.png")
    shutil.copy(tmp_path / "a.zip", tmp_path / "b.zip")
    Zip(path=str(tmp_path / "a.zip"))
    Zip(path=str(tmp_path / "b.zip"))
    assert len(decoded) == 1


def test_the_fingerprint_is_the_hash_of_shape_pixels_and_labels():
    expected = hashlib.sha256(b"[1, 1, 1]" + bytes([0, 1, 2, 3]) + np.ones(4, "<i8").tobytes())
    assert load_cached(Grey(), ImageFormat(), labels=True).fingerprint == expected.hexdigest()


def test_labels_are_named_by_number_and_zero_without_classes():
    store = load_cached(Grey(), ImageFormat(), labels=True)
    assert (store.labels.tolist(), store.class_names) == ([1] * 4, ("0", "1"))
    store = load_cached(Grey(), ImageFormat(), labels=False)
    assert (store.labels.tolist(), store.class_names) == ([0] * 4, ())


def test_two_concurrent_builds_both_succeed(cache):
    barrier = threading.Barrier(2, timeout=250)
    stores = []
    threads = [
        threading.Thread(target=lambda: stores.append(load_cached(Grey(barrier.wait), COMPLETE, labels=True)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stores) == 2
    assert np.array_equal(stores[0].images, stores[1].images)
    assert (len(visible(cache)), hidden(cache)) == (1, [])


@pytest.mark.parametrize("error", [KeyboardInterrupt, BadData, ValueError])
def test_an_interrupted_build_leaves_nothing(cache, error):
    def fail():
        raise error

    with pytest.raises(error):
        load_cached(Grey(fail), COMPLETE, labels=True)
    assert (visible(cache), hidden(cache)) == ([], [])


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from test_cache import Grey, COMPLETE, load_cached
load_cached(Grey(lambda: os.kill(os.getpid(), signal.SIGKILL)), COMPLETE, labels=True)
"""


def test_a_killed_build_leaves_no_visible_cache(cache):
    done = subprocess.run([sys.executable, "-c", KILLED, str(Path(__file__).parent)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert visible(cache) == []
    assert sorted(path.suffix for path in hidden(cache)) == [".lock", ".tmp"]
    assert len(load_cached(Grey(), COMPLETE, labels=True).labels) == 4


def test_leftovers_of_killed_builds_are_removed_by_the_next_build_of_any_cache(cache):
    subprocess.run([sys.executable, "-c", KILLED, str(Path(__file__).parent)], check=False)
    assert len(hidden(cache)) == 2
    load_cached(Grey(), ImageFormat(1, 8), labels=True)
    assert hidden(cache) == []


def test_the_files_of_a_running_build_are_kept(cache):
    seen = []

    def meanwhile():
        seen.append(hidden(cache))
        load_cached(Grey(), ImageFormat(1, 8), labels=True)
        seen.append(hidden(cache))

    load_cached(Grey(meanwhile), COMPLETE, labels=True)
    assert seen[0] == seen[1] != []
    assert hidden(cache) == []


def test_more_pixels_than_fit_on_the_disk_are_refused_before_any_is_decoded(cache, monkeypatch):
    usage = shutil.disk_usage(cache.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=3))
    with pytest.raises(BadData, match=r"take 0\.0 GiB of cache, and 0\.0 GiB are free .*lower --resolution"):
        load_cached(Grey(lambda: pytest.fail("decoded")), COMPLETE, labels=True)
    assert hidden(cache) == []


def test_a_cache_that_cannot_be_written_says_what_to_set(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "file" / "below"))
    with pytest.raises(BadData, match="\nset GANZOO_CACHE to a folder you can write"):
        load_cached(Grey(), COMPLETE, labels=True)


def test_a_full_disk_says_what_to_set_and_leaves_nothing(cache):
    resource = pytest.importorskip("resource", reason="file size limits are POSIX")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(BadData, match="\nset GANZOO_CACHE to a folder you can write"):
            load_cached(Grey(size=256), ImageFormat(), labels=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (visible(cache), hidden(cache)) == ([], [])


@pytest.mark.parametrize("file", ["images.npy", "labels.npy", "meta.json"])
def test_a_damaged_cache_is_named(cache, file):
    load_cached(Grey(), COMPLETE, labels=True)
    (path,) = (cache / "images").glob(f"*/{file}")
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(BadData, match=r"is damaged .*delete that folder"):
        load_cached(Grey(), COMPLETE, labels=True)


def test_the_cache_is_in_the_home_folder_unless_set(tmp_path, monkeypatch):
    monkeypatch.delenv("GANZOO_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_root() == tmp_path / ".cache" / "ganzoo"
    monkeypatch.setenv("GANZOO_CACHE", "~/elsewhere")
    assert cache_root() == tmp_path / "elsewhere"


def test_a_terminated_build_cleans_up(tmp_path, save):
    (tmp_path / "data").mkdir()
    for number in range(40):
        save(tmp_path / "data" / f"{number}.png", size=(2000, 2000))
    store = tmp_path / "cache"
    environment = {**os.environ, "GANZOO_CACHE": str(store), "GANZOO_PLUGINS": "ganzoo-dcgan"}
    words = ("-m", "ganzoo", "train", "dcgan", "--data", str(tmp_path / "data"), "--resolution", "16")
    with subprocess.Popen([sys.executable, *words], env=environment, stderr=subprocess.PIPE) as process:
        while not list(store.glob("images/.*.tmp/images.npy")):
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.01)
        process.terminate()
        assert process.wait(timeout=250) == 128 + signal.SIGTERM
    assert list(store.glob("images/.*")) == []
