"""A third-party plugin, one file of a few lines, works like ours."""

from __future__ import annotations

from pathlib import Path

import pytest

import ganzoo
from ganzoo.assembly.build import assemble, build_engine
from ganzoo.checks import checks_for, run_check
from ganzoo.checks.recording import assert_valid_phases, record_steps
from ganzoo.checks.resume import resume_differences
from ganzoo.checks.runs import shrink_config
from ganzoo.config.layers import Layer
from ganzoo.config.resolution import Request, resolve
from ganzoo.errors import UnknownName
from ganzoo.registry.registry import Registry, load_registry
from ganzoo.testing import Case, parametrize_checks

LOSS = """
from ganzoo import Component, hookimpl


class Difference:
    relativistic = False
    discriminator = staticmethod(lambda real, fake: fake.mean() - real.mean())
    generator = staticmethod(lambda fake, real: -fake.mean())


@hookimpl
def ganzoo_components():
    yield Component("loss", "difference", "{stem}:Difference", "difference of mean scores")
"""

BROKEN = Path(__file__).parent / "broken" / "broken_records.py"
RECIPES = ("toy", "dcgan")


def cases_of(*names: str) -> list[Case]:
    """The cases a test decorated so would run."""

    @parametrize_checks(*names)
    def test(check: Case) -> None:
        check()

    (mark,) = test.pytestmark  # type: ignore[attr-defined]
    assert mark.args[0] == "check"
    assert len(set(mark.kwargs["ids"])) == len(mark.args[1])
    return list(mark.args[1])


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("plugin") / "my_loss.py"
    file.write_text(LOSS.format(stem=file.stem))
    return file


@pytest.fixture(scope="module")
def catalogue(plugin: Path) -> Registry:
    return load_registry([plugin])


def test_it_passes_the_kit(catalogue: Registry) -> None:
    results = [run_check(check) for check in checks_for(catalogue.find("loss", "difference"), catalogue)]
    assert {result.status for result in results} == {"passed"}
    assert {"discriminator-direction", "finite", "needs-met"} <= {result.check.name for result in results}


@pytest.mark.parametrize("recipe", RECIPES)
def test_it_trains_and_resumes_in_any_recipe(recipe: str, catalogue: Registry, tmp_path: Path) -> None:
    layer = Layer("command line", {"loss": ("difference",)})
    config = shrink_config(catalogue, resolve(catalogue, Request(recipe, (layer,))))
    assert_valid_phases(record_steps(assemble(catalogue, config), catalogue))
    assert resume_differences(lambda: build_engine(assemble(catalogue, config), catalogue), tmp_path) == []


def test_a_run_of_it_can_be_opened_again(plugin: Path, tmp_path: Path) -> None:
    run = ganzoo.train(
        "toy", loss="difference", plugins=[str(plugin)], out=tmp_path / "run", images=64, batch_size=16, device="cpu"
    )
    assert ganzoo.load(run.path).sample(range(3)).shape == (3, 2)


def test_pytest_gets_one_case_a_check(plugin: Path, catalogue: Registry) -> None:
    cases = cases_of(str(plugin))
    wanted = checks_for(catalogue.find("loss", "difference"), catalogue)
    assert [str(case.check) for case in cases] == [str(check) for check in wanted]
    for case in cases:
        case()


def test_a_distribution_or_a_name_selects_its_records() -> None:
    kinds = {case.check.subject.entry.kind for case in cases_of("ganzoo-wgan-gp")}
    assert kinds == {"loss", "term", "constraint", "recipe"}
    assert {case.check.subject.entry.record.name for case in cases_of("weight-clipping")} == {"weight-clipping"}


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'ganzoo-dcgan'"):
        parametrize_checks("ganzoo-dcgann")


def test_a_broken_plugin_is_refused_with_its_reason(tmp_path: Path) -> None:
    file = tmp_path / "plugin_without_hook.py"
    file.write_text("x = 1\n")
    with pytest.raises(AssertionError, match="defines no hook"):
        parametrize_checks(str(file))


def test_a_declared_failure_is_skipped_until_it_holds() -> None:
    cases = {str(case.check): case for case in cases_of(str(BROKEN))}
    with pytest.raises(pytest.skip.Exception, match="declared: the flag is set by the trainer"):
        cases["loss-excused-relativistic"]()
    with pytest.raises(AssertionError, match="but it passes: take that out"):
        cases["loss-overcautious-mean"]()


def test_a_case_that_cannot_be_checked_is_skipped() -> None:
    (case,) = [case for case in cases_of("torchvision") if case.check.name == "samples"]
    with pytest.raises(pytest.skip.Exception, match="needs data that the kit"):
        case()
