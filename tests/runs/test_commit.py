"""The commit of a checkout, found only where git tracks the package."""

import shutil
import subprocess

import pytest

from ganzoo.runs.commit import find_commit


def test_a_package_outside_a_repository_of_its_own_has_no_commit(tmp_path):
    assert find_commit(tmp_path) == ""


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_checkout_names_its_commit_and_whether_it_was_changed(tmp_path):
    def git(*words):
        author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        done = subprocess.run(["git", "-C", tmp_path, *author, *words], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "begin")
    head = git("rev-parse", "HEAD")
    assert find_commit(package) == head
    find_commit.cache_clear()
    (package / "__init__.py").write_text("changed = True")
    assert find_commit(package) == head + "+"
