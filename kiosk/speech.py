"""Reads the screen aloud through espeak-ng, for people who cannot see it. Off until asked for; never in the way."""

import logging
import shutil
import subprocess
import threading
from collections.abc import Sequence
from typing import Final

from queue_server.spoken.ear import write_for_ear

_log = logging.getLogger(__name__)
_VOICES: Final = {"vi": "vi", "en": "en-gb"}
LONGEST: Final = 5000  # letters of the screen
PROGRAM: Final = ("espeak-ng", "-s", "145")


class Speech:
    """One voice; a new text cuts the old one short. Without the program it stays silent."""

    def __init__(self, program: Sequence[str] = PROGRAM) -> None:
        self._program = tuple(program)
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self.on = False

    @property
    def available(self) -> bool:
        """Whether the program is there."""
        return shutil.which(self._program[0]) is not None

    def say(self, text: str, language: str) -> None:
        """Speak a text of the screen if speech is on. Through a pipe: the list of programs shows nothing of it."""
        self.hush()
        if not self.on or not text:
            return
        with self._lock:
            try:
                self._child = subprocess.Popen(
                    [*self._program, "-v", _VOICES.get(language, "vi"), "--stdin"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    bufsize=0,
                )
            except OSError as problem:
                _log.warning("cannot speak: %s", problem)
                return
            _hand_over(self._child, write_for_ear(text[:LONGEST], language))

    def hush(self) -> None:
        """Fall silent at once."""
        with self._lock:
            child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()

    def wait(self, seconds: float) -> int | None:
        """Wait until the text is spoken; the program's exit code, None when it has not ended or there was none."""
        child = self._child
        if child is None:
            return None
        try:
            return child.wait(seconds)
        except subprocess.TimeoutExpired:
            return None


def _hand_over(child: subprocess.Popen[bytes], text: str) -> None:
    """A page is far shorter than a pipe is deep, so this never waits for the voice."""
    assert child.stdin is not None
    with child.stdin:
        try:
            child.stdin.write(text.encode())
        except OSError as problem:
            _log.warning("the voice ended early: %s", problem)
