"""Choosing metrics and features, and whether they fit a run's data."""

from dataclasses import replace

import pytest

from ganzoo.assembly.recorded_data import RecordedDataset
from ganzoo.config.layers import split_layer
from ganzoo.config.resolution import Request, resolve
from ganzoo.errors import DoesNotFit, UnknownName
from ganzoo.evaluation.metric_suite import (
    ConfiguredComponent,
    assert_suite_fits,
    build_suite,
    choose_suite,
    suite_from_config,
)
from ganzoo.registry.loader import Plugin, describe_file
from ganzoo.registry.registry import Registry


@pytest.fixture
def configured(suites):
    """Resolve a run that may configure its own metric suite."""
    return lambda recipe="dcgan", **values: resolve(suites, Request(recipe, (split_layer("command line", values),)))


def test_settings_go_to_the_component_they_name(suites):
    suite = build_suite(suites, ["gap", "spread"], "averages", {"metric.gap.power": "3", "features.scale": 2})
    assert suite.metrics["gap"].settings == {"power": 3}
    assert suite.metrics["spread"].settings == {"better": "higher"}
    assert suite.features.settings == {"scale": 2.0, "note": ""}
    assert suite.built()["gap"].power == 3
    assert suite.features_for((3, 8, 8)).dim == 3


def test_a_run_s_own_suite_is_that_of_its_configuration(suites, configured):
    config = configured(metric=("gap",), features="averages", **{"metric.gap.power": 2, "features.scale": 5.0})
    suite = suite_from_config(suites, config)
    assert (suite.metrics["gap"].settings, suite.features.settings["scale"]) == ({"power": 2}, 5.0)


def test_a_plugin_that_is_a_file_is_another_once_it_is_edited(suites, tmp_path):
    file, gap = tmp_path / "mine.py", suites.find("metric", "gap")
    chosen = ConfiguredComponent(replace(gap, plugin=describe_file(written(file, "a = 1"))), {}, "gap")
    before = chosen.origin
    assert before.startswith("mine ") and before == chosen.origin
    written(file, "a = 2")
    assert chosen.origin != before
    packaged = replace(gap, plugin=Plugin("mine", "ganzoo-mine", "1.2", "ganzoo_mine.plugin"))
    assert ConfiguredComponent(packaged, {}, "gap").origin == "ganzoo-mine 1.2"


def written(file, text):
    file.write_text(text)
    return file


def test_full_names_are_names_too(suites):
    suite = build_suite(suites, ["closed-form:gap"], "closed-form:averages", {})
    assert (list(suite.metrics), suite.features.settings["note"]) == (["closed-form:gap"], "")


def test_only_what_fits_is_computed_by_default(suites, configured):
    gap = suites.find("metric", "gap")
    ours = [replace(gap, record=replace(gap.record, name=name, needs=needs)) for name, needs in
            (("fd", ()), ("modes", ("weather",)), ("rare", ()))]  # fmt: skip
    others = [entry for entry in suites.entries if entry.kind != "metric"]
    chosen = choose_suite(Registry((*others, *ours)), configured(), None, "averages", {})
    assert list(chosen.metrics) == ["fd"]


def test_needs_are_checked_against_all_components_of_the_run(suites, configured):
    for_images = configured(dataset="sprites")
    assert_suite_fits(suites, for_images, build_suite(suites, ["gap"], "averages"))
    with pytest.raises(DoesNotFit, match=r"metric 'styled' needs 'weather', which no component provides"):
        assert_suite_fits(suites, for_images, build_suite(suites, ["styled"], "averages"))


def test_labels_are_taken_for_granted_until_the_data_are_open(suites, configured):
    suite = build_suite(suites, ["labelled"], "averages")
    config = configured(dataset="arrays", **{"dataset.path": "unlabelled.npy"})
    assert_suite_fits(suites, config, suite)
    with pytest.raises(DoesNotFit, match="metric 'labelled' needs 'labels', which dataset 'arrays' does not provide"):
        assert_suite_fits(suites, config, suite, RecordedDataset((3, 8, 8), 0, ()))
    assert_suite_fits(suites, config, suite, RecordedDataset((3, 8, 8), 2, ("a", "b")))


def test_a_run_s_own_suite_does_not_affect_another(suites, configured):
    config = configured(metric=("gap",), features="averages", **{"metric.gap.power": 2})
    assert_suite_fits(suites, config, build_suite(suites, ["spread"], "averages"))


def test_the_error_on_an_unknown_name_suggests_the_nearest(suites):
    with pytest.raises(UnknownName, match="Did you mean 'spread'"):
        build_suite(suites, ["spraed"], "averages")
