"""The hostile cases: every way in which a message may arrive that the worker must survive.

`python -m tests.hostile.catalogue` writes them as folders; folders.py says what is in one.
"""
from __future__ import annotations

from . import arrivals, envelopes, fetches, fields, signatures, urls
from .case import Case

_MODULES = (arrivals, envelopes, fetches, fields, signatures, urls)


def catalogue() -> list[Case]:
    """Every case, in the order of their names."""
    cases = sorted((each for module in _MODULES for each in module.cases()),
                   key=lambda case: case.name)
    assert len({each.name for each in cases}) == len(cases), "two cases of one name"
    return cases
