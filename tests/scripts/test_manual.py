"""docs/operations.md can be followed: each block parses, says who runs it, and names what exists.

`./scripts/soak book` follows it on a machine of its own.
"""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from queue_server.cli import app
from tests.certificates import make_certificates
from tests.scripts.manual import PAGE, Block, blocks
from tests.scripts.units import DEPLOY, ROOT

BLOCKS = blocks()
MACHINES = {"server", "kiosk", "second"}
NOTES = {"", "gives TOKEN", "makes a release", "goes back", "takes over"}


def name(block: Block) -> str:
    return f"line-{block.line}"


@pytest.mark.parametrize("block", BLOCKS, ids=name)
def test_a_block_says_where_it_is_run(block: Block) -> None:
    assert block.machines
    assert set(block.machines) <= MACHINES
    assert block.note in NOTES


@pytest.mark.parametrize("block", BLOCKS, ids=name)
def test_a_block_is_shell(block: Block) -> None:
    done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", BLOCKS, ids=name)
def test_a_block_names_commands_that_exist(block: Block) -> None:
    for call in re.findall(r"(?:^|sudo |')motcua ([^\n|;)\"']*)", block.text, re.MULTILINE):
        group: Any = get_command(app)
        words = shlex.split(call, comments=True)
        while words and words[0] in getattr(group, "commands", {}):
            group = group.commands[words.pop(0)]
        known = {option for parameter in group.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert not hasattr(group, "commands") or words[:1] == ["--version"], f"no command: motcua {call}"
        assert [word for word in words if word.startswith("--") and word not in known] == []


def test_files_that_are_copied_exist() -> None:
    named = re.findall(r"/opt/motcua/([\w./*-]+)", "".join(block.text for block in BLOCKS))
    assert [each for each in named if not list(ROOT.glob(each))] == []


def test_no_file_to_copy_is_forgotten() -> None:
    said = PAGE.read_text("utf-8") + "".join(path.read_text("utf-8") for path in DEPLOY.iterdir())
    assert [path.name for path in DEPLOY.iterdir() if path.stem not in said] == []


def test_nothing_of_a_secret_is_made_readable() -> None:
    """What is installed for everybody to read holds no password and no private key."""
    text = "".join(block.text for block in BLOCKS)
    open_to_all = re.findall(r"install(?: -D)? -m (?:644|755) (.*)", text)
    assert [line for line in open_to_all if re.search(r"\.env|\.key|passwords|acl", line)] == []


def test_nginx_takes_its_settings(tmp_path: Path) -> None:
    make_certificates(tmp_path, "queue.example.vn")
    settings = (DEPLOY / "nginx.conf").read_text()
    settings = settings.replace("/etc/ssl/motcua/fullchain.pem", f"{tmp_path}/server.crt")
    settings = settings.replace("/etc/ssl/motcua/privkey.pem", f"{tmp_path}/server.key")
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n"
        + "".join(f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi"))
        + f"{settings}\n}}\n"
    )
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    assert program, "nginx is missing: run scripts/setup test"
    done = subprocess.run([program, "-t", "-c", whole], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_block_is_read_with_its_mark() -> None:
    page = "## 3. A\n\n<!-- run: server kiosk, gives TOKEN -->\n```sh\na\nb\n```\n\n```sh\nc\n```\n"
    marked, bare = blocks(page)
    assert (marked.chapter, marked.machines, marked.gives, marked.text) == (3, ("server", "kiosk"), "TOKEN", "a\nb\n")
    assert (bare.machines, bare.text, bare.line) == ((), "c\n", 10)
