"""The report of a run is one file that loads nothing and runs nothing."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from ganzoo.config.layers import Config, Setting
from ganzoo.errors import BadRun
from ganzoo.report.run_page import SHEETS, page, state, sum_training_time, write_report
from ganzoo.runs.folder import RunFolder, create_run

EVIL = "<img src=x onerror=alert(1)>\"'&"


class Outline(HTMLParser):
    """Collects every tag with its attributes; fails on a tag that is not closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.text = [], [], ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def config(**settings):
    values = {"run.images": Setting(8_000, "command line"), "run.seed": Setting(3, "default"), **settings}
    return Config("dcgan", {"loss": Setting("hinge", "recipe dcgan"), "term": Setting((), "default")}, values)


@pytest.fixture
def young(tmp_path):
    """A run that has written its configuration and nothing else."""
    folder = create_run("x", out=tmp_path / "run of mine")
    folder.write(config(), {"versions": {"torch": "2.99"}, "machine": {"device": "a device"}, "data": "abc123"})
    return folder


@pytest.fixture
def grown(young):
    """A run with metrics, sheets and reals."""
    for images in range(0, 8_001, 500):
        picture(young.samples / f"{images:09d}.png", images % 251)
    picture(young.reals, 7)
    lines = [
        {
            "images": i,
            "step": i,
            "seconds": i / 100,
            "images_per_second": 100.0,
            "peak_memory_gib": i / 2000,
            "discriminator/loss": 1 / i,
            "modes": 8,
        }
        for i in range(500, 8_001, 500)
    ]
    young.metrics.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return young


def picture(path, shade):
    Image.fromarray(np.full((16, 24, 3), shade, np.uint8)).save(path)


def test_a_run_that_has_just_begun_has_a_report(young):
    write_report(young)
    outline = Outline(young.report.read_text(encoding="utf-8"))
    assert "just begun" in outline.text
    assert "hinge" in outline.text
    assert outline.all("svg") == outline.all("img") == []


def test_a_run_without_its_environment_has_a_report(young):
    (young.path / "environment.json").write_text("{")
    assert "Origin" not in Outline(page(young)).text
    (young.path / "environment.json").unlink()
    Outline(page(young))


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(BadRun, match="is not a run folder"):
        write_report(RunFolder(tmp_path))


def test_peak_memory_is_shown(grown):
    assert "peak memory4.0 GiB" in Outline(page(grown)).text


def test_the_page_loads_nothing_and_runs_nothing(grown):
    outline = Outline(page(grown))
    addresses = [v for _, attrs in outline.tags for name, v in attrs.items() if name in ("src", "href", "srcset")]
    assert addresses
    assert all(address.startswith("data:image/") for address in addresses)
    assert outline.all("script") == outline.all("link") == outline.all("iframe") == []
    assert not [name for _, attrs in outline.tags for name in attrs if name.startswith("on")]
    assert "http://" not in page(grown)
    assert "https://" not in page(grown)
    assert "@import" not in page(grown)
    assert "url(" not in page(grown)
    rule = next(attrs["content"] for attrs in outline.all("meta") if attrs.get("http-equiv"))
    assert rule.startswith("default-src 'none'")


def test_the_progression_goes_from_the_first_sheet_to_the_last_which_is_shown(grown):
    outline = Outline(page(grown))
    radios = outline.all("input")
    assert len(radios) == SHEETS
    assert [("checked" in radio) for radio in radios] == [False] * (SHEETS - 1) + [True]
    assert radios[0]["aria-label"] == "0 images"
    assert radios[-1]["aria-label"] == "8,000 images"


def test_the_style_can_show_every_sheet(grown):
    text = page(grown)
    assert all(f"#sheet{i}:checked ~ .stage .shown{i}" in text for i in range(SHEETS))


def test_reals_stand_beside_the_samples(grown):
    captions = [image["alt"] for image in Outline(page(grown)).all("img") if image["alt"]]
    assert captions[-1] == "real samples"
    assert captions[-2] == "the same seeds after 8,000 images"


def test_every_logged_value_has_a_curve(grown):
    labels = [figure["aria-label"] for figure in Outline(page(grown)).all("svg")]
    assert labels == [
        "discriminator/loss over images seen",
        "modes over images seen",
        "images_per_second over images seen",
    ]


def test_health_shows_the_last_level_and_every_alarm(young):
    lines = [{"images": 4_000 * i, "step": 600 * i, "health/distinct": d} for i, d in enumerate((0.9, 0.2, 0.9), 1)]
    young.metrics.write_text("".join(json.dumps(line) + "\n" for line in lines))
    text = Outline(page(young)).text
    assert "After 8,000 images: alarm: health/distinct 0.2: " in text
    assert "health/distinct0.9ok" in text


def test_a_run_without_health_metrics_has_no_such_section(grown):
    assert "Health" not in Outline(page(grown)).text


def test_every_value_stands_with_its_source_and_defaults_are_folded(grown):
    text = re.sub(r"<[^>]+>", " ", page(grown))
    assert re.search(r"run\.images\s+8000\s+command line", text)
    assert re.search(r"1 at their default\s+run\.seed\s+3\s+default", text)
    assert re.search(r"loss\s+hinge\s+recipe dcgan", text)


def test_versions_machine_and_data_are_shown(grown):
    text = re.sub(r"<[^>]+>", " ", page(grown))
    for row in (r"torch\s+2\.99", r"device\s+a device", r"data\s+abc123"):
        assert re.search(row, text)


def test_the_run_can_be_repeated_continued_and_sampled_from_the_lines(young, grown):
    text = Outline(page(grown)).text
    place = f"'{grown.path}"
    assert f"ganzoo train dcgan --config {place}/config.toml'" in text
    assert f"ganzoo train --resume {place}' --images 16000" in text
    assert f"ganzoo sample {place}' --seeds 0-63" in text


def test_plugin_files_are_part_of_the_repetition(young):
    young.write(Config("dcgan", {}, {}, ("my plugin.py",)), {})
    assert "--plugin 'my plugin.py'" in Outline(page(young)).text


def test_names_are_escaped(young):
    young.write(
        Config("dcgan", {"loss": Setting(EVIL, EVIL)}, {f"run.{EVIL}": Setting(EVIL, EVIL)}),
        {"versions": {EVIL: EVIL}, "machine": {"device": EVIL}, "command": EVIL, "started": EVIL, EVIL: EVIL},
    )
    young.metrics.write_text(json.dumps({"images": 1, EVIL: 1.0}) + "\n")
    assert "<img src=x" not in page(young)
    assert Outline(page(young)).all("img") == []


def test_a_value_that_is_not_finite_is_left_out(young):
    young.metrics.write_text('{"images": 64, "loss": NaN}\n{"images": 128, "loss": 1.0}\n')
    assert "nan" not in re.sub(r"<style>.*?</style>", "", page(young), flags=re.S).lower()


def test_a_line_cut_short_by_a_crash_does_no_harm(grown):
    with grown.metrics.open("a") as stream:
        stream.write('{"images": 85')
    assert "complete: 8,000 images" in Outline(page(grown)).text


def test_a_report_replaces_the_one_before_and_leaves_nothing_beside_it(grown):
    write_report(grown)
    write_report(grown)
    assert [path.name for path in grown.path.glob("*.html*")] == ["report.html"]
    assert list(grown.path.glob(".*.tmp")) == []


def test_a_report_that_cannot_be_written_is_a_plain_error(grown):
    grown.report.mkdir()
    with pytest.raises(BadRun, match=r"cannot write .*report.html: .*directory"):
        write_report(grown)


@pytest.mark.parametrize(
    ("seconds", "total"), [([], 0), ([1, 2, 5], 5), ([1, 4, 2, 3], 7), ([3, 3], 3), ([2, 1, 1], 3)]
)
def test_training_time_adds_up_over_resumptions(seconds, total):
    assert sum_training_time({"seconds": each} for each in seconds) == total


@pytest.mark.parametrize(
    ("seen", "text"),
    [(0, "just begun"), (2_000, "unfinished: 2,000 of 8,000 images, 25%"), (8_032, "complete: 8,032 images")],
)
def test_a_run_says_how_far_it_came(seen, text):
    assert state(seen, 8_000) == text
