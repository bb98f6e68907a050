"""A run without a checkpoint makes room, unless it is somebody's."""

import pytest

from ganzoo.errors import BadRun
from ganzoo.runs.folder import RunFolder, create
from ganzoo.runs.stillborn import clear


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    return create("run", out=tmp_path / "run")


def test_what_a_killed_run_left_is_removed_however_little_it_is(folder):
    (folder.path / "metrics.jsonl").touch()
    clear(folder)
    assert not folder.path.exists()
    folder.path.mkdir()
    folder.samples.mkdir()  # killed while the folder itself was made
    clear(folder)
    assert not folder.path.exists()
    clear(folder)


def test_a_checkpoint_is_kept(folder):
    checkpoint = folder.checkpoints / "step-00000001"
    checkpoint.mkdir()
    clear(folder)
    assert checkpoint.exists()


def test_a_file_no_run_writes_is_kept(folder):
    (folder.path / "diverged.json").touch()
    clear(folder)
    assert folder.path.exists()


def test_a_run_that_is_being_trained_is_refused(folder):
    with folder.locked(), pytest.raises(BadRun, match="another process"):
        clear(folder)
    assert folder.path.exists()
