"""Leaderboards: every pair with every seed, failures are listed, only equal protocols are ranked."""

from dataclasses import replace

import pytest

from ganzoo.errors import BadRun, Diverged, DoesNotFit, GanzooError
from ganzoo.evaluation.leaderboard import Pair, Runner, assert_sound, run_folder, run_leaderboard
from ganzoo.evaluation.protocol import EvaluationProtocol
from ganzoo.evaluation.record import Evaluation
from ganzoo.interfaces.measurement import MetricValue
from ganzoo.report.leaderboard_page import LeaderboardFacts, markdown, page

PROTOCOL = EvaluationProtocol(
    {"fingerprint": "ab" * 32, "shape": [3, 8, 8]},
    {"name": "random", "hash": "cd" * 32, "resizer": "none", "origin": "ganzoo-core 0.1.0"},
    {"reals": 10, "fakes": 10, "rows": 10, "seed": 0, "rounding": "8 bits"},
    {"fd": {"uses_features": True, "settings": {}, "origin": "ganzoo-core 0.1.0"}},
    "0.1.0",
)


def evaluation(value, better="lower", protocol=PROTOCOL):
    values = {"fd": {"fd": MetricValue(value, None, better), "recall": MetricValue(1 - value, None, "higher")}}
    return Evaluation("run", "step-00000001", 8, values, protocol, versions={"torch": "2"}, made="2025-01-01")


@pytest.fixture
def run(tmp_path):
    """Run pairs with scores given as ``{(recipe, loss): values by seed}``; None means divergence."""

    def run_pairs(scores, seeds=(0, 1, 2), protocols=None):
        boards = []

        def one(pair, seed, folder):
            assert_sound(folder)
            folder.path.mkdir(parents=True, exist_ok=True)
            value = scores[pair.recipe, pair.loss][seed]
            if value is None:
                raise Diverged("discriminator/loss is nan after 400 images.")
            return evaluation(value, protocol=(protocols or {}).get(pair.recipe, PROTOCOL))

        def name_loss(pair):
            if scores[pair.recipe, pair.loss] is None:
                raise DoesNotFit(f"{pair.recipe} needs 'image'.")
            return pair.loss or "own"

        pairs = [Pair(*key) for key in scores]
        return run_leaderboard(pairs, seeds, tmp_path, Runner(name_loss, one, boards.append)), boards

    return run_pairs


def about(tmp_path):
    return LeaderboardFacts(tmp_path, "ganzoo leaderboard --recipes a", (0, 1, 2), 20_000)


def test_rows_are_ranked_by_the_mean_of_the_first_value(run):
    board, _ = run({("a", "x"): [3, 4, 5], ("a", "y"): [1, 2, 3], ("b", None): [9, 9, 9]})
    assert [(row.recipe, row.loss, row.rank) for row in board.rows] == [("a", "y", 1), ("a", "x", 2), ("b", "own", 3)]
    found, better = board.rows[0].means()["fd"]
    assert (found.mean, found.count, better) == (2.0, 3, "lower")


@pytest.mark.parametrize(
    ("scores", "seeds", "said"),
    [
        ([[1, 1.1, 1.2], [1.2, 1.3, 1.4], [9, 9, 9]], (0, 1, 2), "By their intervals 1 of the 2 others may be as good"),
        ([[1], [2]], (0,), "Ranks order single runs"),
    ],
)
def test_a_leaderboard_describes_how_certain_its_ranks_are(run, tmp_path, scores, seeds, said):
    board, _ = run({("a", f"x{row}"): values for row, values in enumerate(scores)}, seeds)
    assert said in markdown(board, about(tmp_path))
    assert "Ranks order" not in markdown(replace(board, rows=board.rows[:1]), about(tmp_path))


def test_a_diverged_seed_is_reported_and_its_pair_is_not_ranked(run, tmp_path):
    board, _ = run({("a", "x"): [1, None, 1], ("a", "y"): [2, 2, 2]})
    assert [(row.loss, row.rank) for row in board.rows] == [("y", 1), ("x", None)]
    assert board.rows[1].failures == {1: "discriminator/loss is nan after 400 images."}
    text = markdown(board, about(tmp_path))
    assert "| - | a | x | 1 ± 0 | 0 ± 0 | 2 of 3, 1 diverged |" in text
    assert "a with x, seed 1: discriminator/loss is nan after 400 images." in text


def test_a_run_that_diverged_is_not_trained_again(run, tmp_path):
    run({("a", "x"): [None, 1, 1]})
    board, _ = run({("a", "x"): [7, 1, 1]})
    assert board.rows[0].failures.keys() == {0}
    (tmp_path / "runs" / "a-x-s0" / "diverged.json").write_text("{")
    with pytest.raises(BadRun, match="diverged.json"):
        run({("a", "x"): [7, 1, 1]})


def test_a_pair_that_does_not_fit_is_listed_with_its_reason(run, tmp_path):
    board, _ = run({("a", "x"): [1, 1, 1], ("b", "x"): None})
    assert board.incompatible == ((Pair("b", "x"), "b needs 'image'."),)
    assert "- b with x: b needs 'image'." in markdown(board, about(tmp_path))
    assert "b needs &#x27;image&#x27;." in page(board, about(tmp_path))


def test_where_nothing_fits_the_first_reason_is_the_error(run):
    with pytest.raises(GanzooError, match="nothing fits. b with its own loss: b needs 'image'"):
        run({("b", None): None})


def test_values_of_different_protocols_are_not_ranked(run, tmp_path):
    other = replace(PROTOCOL, samples={**PROTOCOL.samples, "fakes": 20})
    board, _ = run({("a", "x"): [1, 1, 1], ("b", "x"): [2, 2, 2]}, protocols={"b": other})
    assert board.obstacles == ("fakes 10 against 20",)
    assert [row.rank for row in board.rows] == [None, None]
    text = markdown(board, about(tmp_path))
    assert "Not ranked: the evaluation protocols differ: fakes 10 against 20." in text
    assert "| recipe | loss |" in text


def test_the_leaderboard_is_reported_after_every_run(run):
    _, boards = run({("a", "x"): [1, 2, 3], ("a", "y"): [1, 2, 3]})
    assert [sum(len(row.evaluations) for row in board.rows) for board in boards] == [1, 2, 3, 4, 5, 6]


def test_a_single_seed_has_no_interval(run, tmp_path):
    board, _ = run({("a", "x"): [1.5]}, seeds=(0,))
    assert "| 1 | a | x | 1.5 | -0.5 | 1 of 3 |" in markdown(board, about(tmp_path))


def test_the_facts_needed_to_repeat_it_are_listed(run, tmp_path):
    board, _ = run({("a", "x"): [1, 2, 3]})
    for text in (markdown(board, about(tmp_path)), page(board, about(tmp_path))):
        for words in ("ganzoo leaderboard --recipes a", "20,000", "random (cdcdcdcdcdcdcdcd)", "torch 2", "seed 0"):
            assert words in text, words
    assert "<script" not in page(board, about(tmp_path))


def test_the_commits_are_those_the_runs_were_trained_at(run, tmp_path):
    board, _ = run({("a", "x"): [1, 2, 3]})
    now = replace(about(tmp_path), commit="now")
    assert "- commit: now\n" in markdown(board, now)  # if runs have not recorded theirs
    for seed, commit in enumerate(("one", "two", "one")):
        (run_folder(tmp_path, "a", "x", seed).path / "environment.json").write_text(f'{{"commit": "{commit}"}}')
    assert "- commit: one, two\n" in markdown(board, now)


def test_every_version_and_device_is_listed(run, tmp_path):
    board, _ = run({("a", "x"): [1, 2, 3]})
    found = board.rows[0].evaluations
    found[2] = replace(found[2], versions={"torch": "3"}, device="another device")
    text = markdown(board, about(tmp_path))
    assert "- versions: torch 2; torch 3\n" in text
    assert "another device" in text
