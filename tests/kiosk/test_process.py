"""The kiosk as a program of its own: ready, stopped, killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kiosk.standin import TOKEN, running

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from pathlib import Path
from kiosk.main import KioskOptions, run
url, data, token = sys.argv[1:]
options = KioskOptions(url=url, kiosk="kiosk-1", token=token, data=Path(data), fullscreen=False, size=(540, 960))
sys.exit(run(options))
"""


@contextmanager
def kiosk(url: str, data: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", PROGRAM, url, str(data), TOKEN]
    environment = {**os.environ, "SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "kiosk ready\n"
            yield child
        finally:
            child.kill()


def test_the_program_says_ready_and_stops_when_told(tmp_path: Path) -> None:
    with running() as standin, kiosk(standin.url, tmp_path) as child:
        end = time.monotonic() + 30
        while not (tmp_path / "cache-kiosk-1.json").exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        child.send_signal(signal.SIGTERM)
        assert child.wait(20) == 0
        assert child.stdout is not None
        assert child.stdout.read() == "", "it says one line and no more"


def test_it_starts_without_a_server_and_after_kill_9(tmp_path: Path, free_port: int) -> None:
    nowhere = f"http://127.0.0.1:{free_port}"
    with kiosk(nowhere, tmp_path) as child:
        child.send_signal(signal.SIGKILL)
        child.wait(20)
    with kiosk(nowhere, tmp_path) as child:
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 0
