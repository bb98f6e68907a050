"""Every command works without a broken plugin, names it, and says how to fix it."""

import pytest

REASONS = {
    "raises": ("RuntimeError: boom", "pip uninstall ganzoo-raises"),
    "exits": ("SystemExit: 0", "pip uninstall ganzoo-exits"),
    "lacks": ("No module named 'a_module_nobody_has'", "pip install a_module_nobody_has"),
    "empty": ("No module named 'ganzoo_empty'", "pip uninstall ganzoo-empty"),
    "wrong-record": ("which is neither a Component nor a Recipe", "pip uninstall ganzoo-wrong-record"),
    "misspelt": ("unknown hook 'ganzoo_componentz'", "pip uninstall ganzoo-misspelt"),
    "other-api": ("written for plugin API 99", "pip install --upgrade ganzoo-other-api"),
    "hookless": ("is @hookimpl missing?", "pip uninstall ganzoo-hookless"),
    "late": ("KeyError: 'late'", "pip uninstall ganzoo-late"),
    "bad-summary": ("texts of one line, not None", "pip uninstall ganzoo-bad-summary"),
    "stale": ("No module named 'ganzoo.nn.gone'", "pip install --upgrade ganzoo-stale"),
}


@pytest.mark.parametrize("name", REASONS)
def test_a_broken_plugin_is_named_with_its_reason_and_its_fix(listing, name):
    reason, fix = REASONS[name]
    record = next(broken for broken in listing["broken"] if broken["distribution"] == f"ganzoo-{name}")
    assert record["version"] == "1.2.3"
    assert reason in record["reason"]
    assert record["fix"] == fix


def test_a_distribution_without_metadata_is_named_too(listing):
    assert {"nameless", "ganzoo-nameless"} & {broken["distribution"] for broken in listing["broken"]}


def test_every_good_plugin_is_there_beside_the_broken_ones(listing, catalogue):
    listed = {(entry["distribution"], entry["kind"], entry["name"]) for entry in listing["entries"]}
    assert listed >= {(e.plugin.distribution, e.kind, e.record.name) for e in catalogue.entries}


def test_no_record_of_a_plugin_that_broke_half_way_is_listed(listing):
    assert "late" not in {entry["name"] for entry in listing["entries"]}


def test_what_a_plugin_prints_does_not_reach_stdout(site, listing):
    assert "talkative" in {entry["name"] for entry in listing["entries"]}
    assert "hello from a plugin" in site.ganzoo("list", "recipe").stderr


def test_the_list_for_people_has_one_line_a_broken_plugin(site):
    done = site.ganzoo("list", "trainer")
    lines = [line for line in done.stdout.splitlines() if line.startswith("broken: ")]
    assert done.returncode == 0
    assert len(lines) == len(REASONS) + 1
    assert "broken: ganzoo-raises 1.2.3: RuntimeError: boom. Fix: pip uninstall ganzoo-raises" in lines


def test_no_message_advises_to_install_the_foreign_distribution(site):
    done = site.ganzoo("list")
    assert "pip install ganzoo\n" not in done.stdout + "\n"


def test_the_doctor_finds_them_and_leaves_with_one(site):
    done = site.ganzoo("doctor")
    assert done.returncode == 1
    assert "broken: ganzoo-exits 1.2.3: SystemExit: 0. Fix: pip uninstall ganzoo-exits" in done.stdout
    assert f"{len(REASONS) + 1} problems." in done.stdout


def test_a_name_two_plugins_claim_is_refused_with_both_spellings(site):
    done = site.ganzoo("train", "dcgan", "--loss", "twin", "--dry-run")
    assert done.returncode == 2
    assert "loss 'twin' comes from 2 plugins: say 'ganzoo-twin-one:twin' or 'ganzoo-twin-two:twin'." in done.stderr
    assert len(done.stderr.splitlines()) <= 2 + 3  # the talkative plugin's two lines, and our three at most


def test_a_clash_hides_neither_component(site):
    done = site.ganzoo("show", "twin")
    assert done.returncode == 0
    assert "ganzoo train RECIPE --loss ganzoo-twin-one:twin" in done.stdout
    assert "ganzoo train RECIPE --loss ganzoo-twin-two:twin" in done.stdout


def test_a_qualified_name_resolves_the_clash(site):
    done = site.ganzoo("show", "ganzoo-twin-two:twin")
    assert "ganzoo-twin-two 1.2.3" in done.stdout
    assert "ganzoo-twin-one" not in done.stdout
