"""Writes the catalogue: build/venv/bin/python -m tests.hostile.catalogue

Run it after changing a case, and read the difference before committing it.
"""
from __future__ import annotations

import shutil

from tests.cloud.client import ROOT

from .folders import CASES, CERTIFICATES, files

for folder in (CASES, CERTIFICATES):
    shutil.rmtree(ROOT / folder)
for path, content in files().items():
    (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
    (ROOT / path).write_bytes(content)
