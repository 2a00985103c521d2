"""Reading aloud: by the real espeak-ng, and harmless without it."""

import time
from pathlib import Path

from kiosk.speech import PROGRAM, Speech


def test_a_text_becomes_sound(tmp_path: Path) -> None:
    wave = tmp_path / "spoken.wav"
    speech = Speech((*PROGRAM, "-w", str(wave)))
    speech.on = True
    speech.say("Số thứ tự của ông/bà: A 0 1 2", "vi")
    assert speech.wait(20) == 0
    assert wave.read_bytes()[:4] == b"RIFF"
    assert wave.stat().st_size > 20_000
    speech.hush()


def test_it_is_silent_until_asked_for(tmp_path: Path) -> None:
    speech = Speech((*PROGRAM, "-w", str(tmp_path / "spoken.wav")))
    speech.say("xin chào", "vi")
    assert speech.wait(1) is None
    assert list(tmp_path.iterdir()) == []


def test_without_the_program_nothing_happens() -> None:
    speech = Speech(("no-such-program-here",))
    speech.on = True
    speech.say("xin chào", "vi")
    assert not speech.available
    assert speech.wait(1) is None
    speech.hush()


def test_a_new_text_cuts_the_old_one_short() -> None:
    speech = Speech(("sh", "-c", "sleep 30", "sh"))
    speech.on = True
    speech.say("một", "vi")
    first = speech._child
    begun = time.monotonic()
    speech.say("hai", "vi")
    assert first is not None
    assert first.poll() is not None, "the first voice has ended"
    assert time.monotonic() - begun < 20
    speech.hush()


def test_a_voice_that_dies_at_once_is_no_trouble() -> None:
    speech = Speech(("false",))
    speech.on = True
    for _ in range(5):
        speech.say("x" * 200_000, "en")
    speech.hush()
