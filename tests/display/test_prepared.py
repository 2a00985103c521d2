"""A running program keeps the pages it started with, whatever becomes of its checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import display

ROOT = Path(__file__).parents[2]
PROGRAM = """
from pathlib import Path
import display
from display import formats, render
from display.words import LANGUAGES

folder = Path(display.__file__).parent / "templates"
render.prepare()
pages = [render.environment(language, formats.ZONE) for language in LANGUAGES]
names = pages[0].list_templates()
before = [made.get_template(name) for made in pages for name in names]
for template in folder.rglob("*.html"):
    template.write_text("{{ of_the_next_version")  # as an update half way through
after = [made.get_template(name) for made in pages for name in names]
print(len(names), all(new is old for new, old in zip(after, before, strict=True)))
"""


def test_an_update_of_the_checkout_changes_no_running_page(tmp_path: Path) -> None:
    checkout = tmp_path / "display"
    shutil.copytree(Path(display.__file__).parent, checkout, ignore=shutil.ignore_patterns("__pycache__"))
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    templates, same = run.stdout.split()
    assert (int(templates) > 20, same) == (True, "True")
