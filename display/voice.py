"""The spoken call: which clips say it, and the joining of clips to one sound. Pure.

Sounds are signed 16-bit mono samples. A ticket's digits are read one by one, so that no number has a second reading;
counters are read as numbers. Letters and numbers have the words of `queue_server.spoken`, as at the kiosk. Names and
procedures are never spoken.
"""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

import io
import math
import sys
import wave
from array import array
from collections.abc import Iterable, Mapping
from itertools import pairwise

from queue_server.spoken.letters import LETTERS, letter_name
from queue_server.spoken.numbers import DIGITS, number_words

RATE = 22050
HIGHEST = 99  # counters up to this number have a clip of their own

PHRASES: dict[str, dict[str, str]] = {
    "vi": {
        "invite": "Mời công dân có số thứ tự",
        "invite-priority": "Mời công dân thuộc diện ưu tiên, số thứ tự",
        "time-2": "Lần thứ hai.",
        "time-3": "Lần thứ ba.",
        "again": "Xin gọi lại.",
        "to-counter": "đến quầy số",
    },
    "en": {
        "invite": "Number",
        "invite-priority": "Priority number",
        "time-2": "Second call.",
        "time-3": "Third call.",
        "again": "Calling again.",
        "to-counter": "please go to counter",
    },
}


def script(language: str) -> dict[str, str]:
    """Everything a clip pack of a language has to say, by clip name: what a speaker records."""
    said = dict(PHRASES[language])
    said.update((f"digit-{number}", word) for number, word in enumerate(DIGITS[language]))
    said.update((f"letter-{letter}", letter_name(letter, language)) for letter in LETTERS)
    said.update((f"number-{number}", number_words(number, language)) for number in range(10, HIGHEST + 1))
    return said


def sentence(number: str, counter: str, time: int, *, priority: bool) -> tuple[str, ...]:
    """The clips of one call, in order: chime, how many times, who, which number, where."""
    clips = ["chime"]
    if time > 1:
        clips.append(f"time-{time}" if time <= 3 else "again")
    clips.append("invite-priority" if priority else "invite")
    clips.extend(_spelled(number))
    clips.append("to-counter")
    clips.extend(_counter(counter))
    return tuple(clips)


def words(clips: Iterable[str], language: str) -> str:
    """The text of a call, for the eye: what the clips say, one after the other."""
    said = script(language)
    text = ", ".join(said[clip].rstrip(".") for clip in clips if clip != "chime") + "."
    return text[:1] + text[1:].replace("Mời", "mời").replace("Number", "number").replace("Priority", "priority")


def join(clips: Iterable[str], pack: Mapping[str, array[int]], rate: int = RATE) -> array[int]:
    """One sound of many clips. A number that the pack lacks is read digit by digit, anything else is left out."""
    names = [name for clip in clips for name in _held(clip, pack) if name in pack]
    sound: array[int] = array("h")
    for name, following in pairwise([*names, ""]):
        sound.extend(pack[name])
        if following:
            sound.extend(silence(_gap(name, following), rate))
    return sound


def wav(sound: array[int], rate: int = RATE) -> bytes:
    """A sound as a WAV file."""
    samples = array("h", sound)
    if sys.byteorder == "big":
        samples.byteswap()
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return target.getvalue()


def read_wav(data: bytes) -> tuple[array[int], int]:
    """Samples and rate of a mono 16-bit WAV file; `ValueError` for anything else."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            if file.getnchannels() != 1 or file.getsampwidth() != 2:
                raise ValueError("a clip must be mono and 16 bit")
            samples = array("h", file.readframes(file.getnframes()))
            rate = file.getframerate()
    except (wave.Error, EOFError) as error:
        raise ValueError(f"not a plain WAV file: {error}") from error
    if sys.byteorder == "big":
        samples.byteswap()
    return samples, rate


def tidy(sound: array[int], loudest: float = 0.7, floor: int = 250) -> array[int]:
    """A clip without the silence around it, brought to one loudness (share of full scale)."""
    loud = [place for place, sample in enumerate(sound) if abs(sample) > floor]
    if not loud:
        return array("h")
    cut = sound[max(0, loud[0] - 60) : loud[-1] + 200]
    factor = loudest * 32767 / max(abs(sample) for sample in cut)
    return array("h", (int(sample * factor) for sample in cut))


def chime(rate: int = RATE) -> array[int]:
    """Two soft bells, a falling third, just below a second."""
    length = int(rate * 0.95)
    sound = [0.0] * length
    for start, pitch in ((0.0, 659.26), (0.32, 523.25)):
        first = int(start * rate)
        for place in range(first, length):
            at = (place - first) / rate
            tone = math.sin(2 * math.pi * pitch * at) + 0.3 * math.sin(4 * math.pi * pitch * at)
            sound[place] += tone * math.exp(-5 * at) * min(1.0, at * 200)
    fade = rate // 20
    for place in range(fade):
        sound[length - 1 - place] *= place / fade
    top = max(abs(sample) for sample in sound)
    return array("h", (int(sample / top * 0.5 * 32767) for sample in sound))


def silence(seconds: float, rate: int = RATE) -> array[int]:
    """Nothing, for a while."""
    return array("h", bytes(2 * int(seconds * rate)))


def _spelled(text: str) -> list[str]:
    clips = []
    for character in text.upper():
        if character.isascii() and character.isdigit():
            clips.append(f"digit-{character}")
        elif character in LETTERS:
            clips.append(f"letter-{character}")
    return clips


def _counter(label: str) -> list[str]:
    digits = "".join(character for character in label if character.isascii() and character.isdigit())
    rest = "".join(character for character in label if not character.isdigit())
    if digits and 10 <= int(digits) <= HIGHEST and not digits.startswith("0"):
        return [f"number-{int(digits)}", *_spelled(rest)]
    return _spelled(label)


def _held(clip: str, pack: Mapping[str, array[int]]) -> list[str]:
    number = clip.removeprefix("number-")
    return [clip] if number == clip or clip in pack else _spelled(number)


def _gap(name: str, following: str) -> float:
    """Seconds: a breath before the counter, none between "quầy số" and its number, little between digits."""
    if name == "chime":
        return 0.15
    if following == "to-counter":
        return 0.4
    if name == "to-counter":
        return 0.08
    spelled = ("digit-", "letter-", "number-")
    return 0.09 if name.startswith(spelled) and following.startswith(spelled) else 0.22
