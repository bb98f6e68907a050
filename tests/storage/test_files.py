"""Files are written atomically, and a failure leaves nothing behind."""

import pytest

from ganzoo.storage.files import replace_file


def test_a_file_appears_only_when_it_is_complete(tmp_path):
    place = tmp_path / "new" / "deep" / "file.txt"
    with replace_file(place) as temporary:
        temporary.write_text("whole")
        assert not place.exists()
    assert place.read_text() == "whole"
    assert list(place.parent.iterdir()) == [place]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_failure_keeps_the_old_file_and_leaves_nothing_else(tmp_path, error):
    place = tmp_path / "file.txt"
    place.write_text("old")
    with pytest.raises(error), replace_file(place) as temporary:
        temporary.write_text("half")
        raise error
    assert place.read_text() == "old"
    assert list(tmp_path.iterdir()) == [place]


def test_a_failure_removes_only_the_folders_it_created(tmp_path):
    (tmp_path / "there").mkdir()
    with pytest.raises(OSError, match="full"), replace_file(tmp_path / "there" / "new" / "deep" / "a") as temporary:
        temporary.write_text("half")
        raise OSError("full")
    assert [path.name for path in tmp_path.rglob("*")] == ["there"]


def test_a_created_folder_with_other_files_in_it_stays(tmp_path):
    with pytest.raises(OSError, match="full"), replace_file(tmp_path / "new" / "a"):
        (tmp_path / "new" / "theirs").touch()
        raise OSError("full")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["theirs"]


def test_a_folder_under_the_name_is_refused_and_kept(tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError), replace_file(tmp_path / "taken") as temporary:  # noqa: PT011
        temporary.touch()
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
