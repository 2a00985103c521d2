"""The generated pages say what the code says."""

import runpy

import pytest

from tests.architecture.source import ROOT

PAGES = runpy.run_path(str(ROOT / "scripts/reference.py"))["PAGES"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_fresh(name: str) -> None:
    assert (ROOT / "docs/reference" / name).read_text("utf-8") == PAGES[name](), "run scripts/reference.py"
