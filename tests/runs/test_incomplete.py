"""An incomplete run is removed, unless its folder holds other files."""

import pytest

from ganzoo.errors import BadRun
from ganzoo.runs.folder import RunFolder, create_run
from ganzoo.runs.incomplete import list_resumable_checkpoints, remove_incomplete


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    return create_run("run", out=tmp_path / "run")


def test_an_incomplete_run_is_removed_however_little_it_wrote(folder):
    (folder.path / "metrics.jsonl").touch()
    remove_incomplete(folder)
    assert not folder.path.exists()
    folder.path.mkdir()
    folder.samples.mkdir()  # killed while the folder itself was made
    remove_incomplete(folder)
    assert not folder.path.exists()
    remove_incomplete(folder)


@pytest.mark.parametrize(("left", "resume"), [((), "never"), (("config.toml",), "auto")])
def test_the_same_command_replaces_an_incomplete_run(folder, left, resume):
    """With a configuration the user must ask to resume."""
    from ganzoo.errors import BadRun
    from ganzoo.workflows.options import RunOptions
    from ganzoo.workflows.prepare import prepare_run

    flags = RunOptions(recipe="dcgan", run={"device": "cpu"}, settings=("dataset.resolution=8", "dataset.count=8"))
    if left:
        folder.write(prepare_run(flags).assembly.config, {})
        why = "exists.*ended before its first checkpoint. Start it again with --resume auto"
        with pytest.raises(BadRun, match=why):
            prepare_run(flags, out=folder.path)
    launch = prepare_run(flags, resume=resume, out=folder.path)
    assert launch.resumed is None
    assert folder.path.is_dir()  # nothing is removed before the run starts
    assert launch.folder(folder.path).path == folder.path


def test_a_run_resumes_from_its_newest_checkpoint_and_from_the_best_one_last(folder):
    assert list_resumable_checkpoints(folder) == []
    found = [folder.best / "step-00000009", folder.checkpoints / "step-00000002", folder.checkpoints / "step-00000010"]
    for checkpoint in found:
        checkpoint.mkdir(parents=True)
    assert list_resumable_checkpoints(folder) == found


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
