"""Choosing metrics and features, and whether they fit a run's data."""

from dataclasses import replace

import pytest

from ganzoo.assembly.plan import Request, resolve
from ganzoo.assembly.remembered import Remembered
from ganzoo.config import split_layer
from ganzoo.errors import DoesNotFit, UnknownName
from ganzoo.evaluation.ruler import Chosen, assert_measures, chosen_for, ruler_in, ruler_of
from ganzoo.plugins import Plugin, from_file
from ganzoo.registry import Registry


@pytest.fixture
def configured(rulers):
    """Resolve a run that may name a ruler of its own."""
    return lambda recipe="dcgan", **values: resolve(rulers, Request(recipe, (split_layer("command line", values),)))


def test_settings_go_to_the_part_they_name(rulers):
    ruler = ruler_of(rulers, ["gap", "spread"], "averages", {"metric.gap.power": "3", "features.scale": 2})
    assert ruler.metrics["gap"].settings == {"power": 3}
    assert ruler.metrics["spread"].settings == {"better": "higher"}
    assert ruler.features.settings == {"scale": 2.0, "note": ""}
    assert ruler.built()["gap"].power == 3
    assert ruler.features_for((3, 8, 8)).dim == 3


def test_a_run_s_own_ruler_is_that_of_its_configuration(rulers, configured):
    config = configured(metric=("gap",), features="averages", **{"metric.gap.power": 2, "features.scale": 5.0})
    ruler = ruler_in(rulers, config)
    assert (ruler.metrics["gap"].settings, ruler.features.settings["scale"]) == ({"power": 2}, 5.0)


def test_a_plugin_that_is_a_file_is_another_once_it_is_edited(rulers, tmp_path):
    file, gap = tmp_path / "mine.py", rulers.find("metric", "gap")
    chosen = Chosen(replace(gap, plugin=from_file(written(file, "a = 1"))), {}, "gap")
    before = chosen.origin
    assert before.startswith("mine ") and before == chosen.origin
    written(file, "a = 2")
    assert chosen.origin != before
    packaged = replace(gap, plugin=Plugin("mine", "ganzoo-mine", "1.2", "ganzoo_mine.plugin"))
    assert Chosen(packaged, {}, "gap").origin == "ganzoo-mine 1.2"


def written(file, text):
    file.write_text(text)
    return file


def test_full_names_are_names_too(rulers):
    ruler = ruler_of(rulers, ["closed-form:gap"], "closed-form:averages", {})
    assert (list(ruler.metrics), ruler.features.settings["note"]) == (["closed-form:gap"], "")


def test_only_what_fits_is_read_by_default(rulers, configured):
    gap = rulers.find("metric", "gap")
    ours = [replace(gap, record=replace(gap.record, name=name, needs=needs)) for name, needs in
            (("fd", ()), ("modes", ("weather",)), ("rare", ()))]  # fmt: skip
    others = [entry for entry in rulers.entries if entry.kind != "metric"]
    chosen = chosen_for(Registry((*others, *ours)), configured(), None, "averages", {})
    assert list(chosen.metrics) == ["fd"]


def test_needs_are_checked_against_all_parts_of_the_run(rulers, configured):
    for_images = configured(dataset="sprites")
    assert_measures(rulers, for_images, ruler_of(rulers, ["gap"], "averages"))
    with pytest.raises(DoesNotFit, match=r"metric 'styled' needs 'weather', which no part provides"):
        assert_measures(rulers, for_images, ruler_of(rulers, ["styled"], "averages"))


def test_labels_are_taken_for_granted_until_the_data_are_open(rulers, configured):
    ruler = ruler_of(rulers, ["labelled"], "averages")
    config = configured(dataset="arrays", **{"dataset.path": "unlabelled.npy"})
    assert_measures(rulers, config, ruler)
    with pytest.raises(DoesNotFit, match="metric 'labelled' needs 'labels', which dataset 'arrays' does not provide"):
        assert_measures(rulers, config, ruler, Remembered((3, 8, 8), 0, ()))
    assert_measures(rulers, config, ruler, Remembered((3, 8, 8), 2, ("a", "b")))


def test_a_run_s_own_ruler_does_not_disturb_another(rulers, configured):
    config = configured(metric=("gap",), features="averages", **{"metric.gap.power": 2})
    assert_measures(rulers, config, ruler_of(rulers, ["spread"], "averages"))


def test_an_unknown_name_is_told_the_nearest(rulers):
    with pytest.raises(UnknownName, match="Did you mean 'spread'"):
        ruler_of(rulers, ["spraed"], "averages")
