"""A run without a checkpoint makes room, unless it is somebody's."""

import pytest

from ganzoo.errors import BadRun
from ganzoo.runs.folder import RunFolder, create
from ganzoo.runs.incomplete import remove_incomplete, resumable_checkpoints


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    return create("run", out=tmp_path / "run")


def test_what_a_killed_run_left_is_removed_however_little_it_is(folder):
    (folder.path / "metrics.jsonl").touch()
    remove_incomplete(folder)
    assert not folder.path.exists()
    folder.path.mkdir()
    folder.samples.mkdir()  # killed while the folder itself was made
    remove_incomplete(folder)
    assert not folder.path.exists()
    remove_incomplete(folder)


@pytest.mark.parametrize(("left", "resume"), [((), "never"), (("config.toml",), "auto")])
def test_a_killed_run_makes_room_for_the_same_command(folder, left, resume):
    """Without a configuration there is nothing to lose; with one the user must have asked to go on."""
    from ganzoo.errors import BadRun
    from ganzoo.workflows.options import RunOptions
    from ganzoo.workflows.prepare import prepare_run

    flags = RunOptions(recipe="dcgan", run={"device": "cpu"}, settings=("dataset.resolution=8", "dataset.count=8"))
    if left:
        folder.write(prepare_run(flags).assembly.config, {})
        with pytest.raises(BadRun, match="exists.*ended before its first checkpoint. Start it again with --resume auto"):
            prepare_run(flags, out=folder.path)
    launch = prepare_run(flags, resume=resume, out=folder.path)
    assert launch.resumed is None
    assert folder.path.is_dir()  # nothing is removed before the run starts
    assert launch.folder(folder.path).path == folder.path


def test_a_run_goes_on_from_its_newest_checkpoint_and_from_the_best_in_the_last_resort(folder):
    assert resumable_checkpoints(folder) == []
    found = [folder.best / "step-00000009", folder.checkpoints / "step-00000002", folder.checkpoints / "step-00000010"]
    for checkpoint in found:
        checkpoint.mkdir(parents=True)
    assert resumable_checkpoints(folder) == found


@pytest.mark.parametrize("below", [".", "best"])
def test_a_checkpoint_is_kept(folder, below):
    checkpoint = folder.checkpoints / below / "step-00000001"
    checkpoint.mkdir(parents=True)
    remove_incomplete(folder)
    assert checkpoint.exists()


def test_a_file_no_run_writes_is_kept(folder):
    (folder.path / "diverged.json").touch()
    remove_incomplete(folder)
    assert folder.path.exists()


def test_a_run_that_is_being_trained_is_refused(folder):
    with folder.locked(), pytest.raises(BadRun, match="another process"):
        remove_incomplete(folder)
    assert folder.path.exists()
