from importlib import import_module

import pytest
from ganzoo_metrics.plugin import ganzoo_components

from ganzoo.config.parameters import read_parameters

RECORDS = list(ganzoo_components())


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.name)
def test_metrics_can_be_made_and_records_name_their_paper(record):
    module, _, name = record.path.partition(":")
    target = getattr(import_module(module), name)
    assert isinstance(target.uses_features, bool)
    assert callable(target())
    assert "arXiv" in record.reference
    assert len(record.summary) <= 80
    assert all(param.help for param in read_parameters(target).values())


def test_metrics_need_the_capabilities_they_use():
    needs = {record.name: record.needs for record in RECORDS if record.needs}
    classes = ("labels", "conditional")
    assert needs == {
        "ifd": classes,
        "cas": classes,
        "inception-score": ("probabilities",),
        "style-diversity": ("styles",),
    }
