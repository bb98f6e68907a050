from importlib import import_module

import pytest
from ganzoo_losses.plugin import ganzoo_components

RECORDS = list(ganzoo_components())
COMPONENTS = {(r.kind, r.name): r for r in RECORDS}


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: f"{r.kind}-{r.name}")
def test_paths_exist_and_records_name_their_paper(record):
    module, _, name = record.path.partition(":")
    assert hasattr(import_module(module), name)
    assert "arXiv" in record.reference
    assert len(record.summary) <= 80


@pytest.mark.parametrize(("name", "needs"), [("r1", ()), ("r2", ()), ("dragan", ("per-sample",))])
def test_gradient_terms_recommend_no_batch_norm(name, needs):
    assert COMPONENTS["term", name].needs == needs
    assert COMPONENTS["term", name].recommends["discriminator.norm"] == "none"


def test_only_the_relativistic_losses_need_reals():
    found = {name: import_module(r.path.partition(":")[0]) for (kind, name), r in COMPONENTS.items() if kind == "loss"}
    asks = {n: getattr(m, COMPONENTS["loss", n].path.partition(":")[2]).relativistic for n, m in found.items()}
    assert asks == {"least-squares": False, "relativistic-average": True, "relativistic-pairing": True}
