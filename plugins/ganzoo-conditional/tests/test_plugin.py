from importlib import import_module

import pytest
from ganzoo_conditional.plugin import ganzoo_components

RECORDS = list(ganzoo_components())


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.name)
def test_paths_exist(record):
    module, _, name = record.path.partition(":")
    assert hasattr(import_module(module), name)


def test_all_heads_need_labels():
    assert {r.name: r.needs for r in RECORDS} == dict.fromkeys(
        ("concatenation", "projection", "auxiliary-classifier"), ("labels", "class-conditional")
    )
