"""Clip packs on disk: recorded ones by the site, else one made with espeak-ng at first use; without either, the chime.

A pack is a folder `<language>/` with `manifest.json`: {"language", "made_by", "rate", "clips": {name: file}}. Names and
what they say: `display.voice.script(language)`. Files are mono 16-bit WAV of the one rate.
"""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

import json
import shutil
import subprocess
import tempfile
import threading
from array import array
from collections.abc import Mapping
from functools import lru_cache
from logging import getLogger
from pathlib import Path

from display import voice
from queue_server.contract.views import CallRow

log = getLogger(__name__)
MANIFEST = "manifest.json"
VOICES = {"vi": ("-v", "vi", "-s", "145"), "en": ("-v", "en-gb", "-s", "155")}


class Voice:
    """Speaks calls as WAV files. `folder` holds the packs; without one, or without espeak-ng, there is the chime only.

    Methods may take a second or two at first use and are meant for a worker thread.
    """

    def __init__(self, folder: Path | None, espeak: str | None = "espeak-ng") -> None:
        self._folder = folder
        self._espeak = espeak
        self._lock = threading.Lock()
        self._packs: dict[str, Mapping[str, array[int]]] = {}
        self._say = lru_cache(maxsize=64)(self._join)

    def prepare(self) -> bool:
        """Makes or loads the packs; whether calls will be spoken."""
        return all(self._pack(language) for language in VOICES)

    def call(self, row: CallRow) -> bytes:
        """A call as a WAV file: Vietnamese, then English too for somebody who chose it."""
        clips = voice.sentence(row.number, row.counter_label, row.time, priority=row.priority)
        return self._say(clips, english=row.language == "en")

    def chime(self) -> bytes:
        """The chime alone."""
        return self._say((), english=False)

    def _join(self, clips: tuple[str, ...], *, english: bool) -> bytes:
        sound = voice.join(clips or ("chime",), {"chime": voice.chime(), **(self._pack("vi") if clips else {})})
        if english and (pack := self._pack("en")):
            sound.extend(voice.silence(0.4))
            sound.extend(voice.join(clips[1:], pack))
        return voice.wav(sound)

    def _pack(self, language: str) -> Mapping[str, array[int]]:
        with self._lock:
            if language not in self._packs:
                self._packs[language] = self._find(language)
            return self._packs[language]

    def _find(self, language: str) -> Mapping[str, array[int]]:
        """The office's own recordings; what they lack, espeak-ng says."""
        own = self._read(self._folder / language, language) if self._folder else {}
        lacking = sorted(voice.script(language).keys() - own.keys())
        if not lacking or self._folder is None:
            return own
        if own:
            log.warning("the recorded voice lacks in %s: %s; espeak-ng says them", language, ", ".join(lacking)[:300])
        return {**self._made(self._folder / "made" / language, language), **own}

    def _made(self, pack: Path, language: str) -> Mapping[str, array[int]]:
        try:
            current = (pack / MANIFEST).is_file() and not _is_old(pack, language)
            return self._read(pack, language) if current or self._make(pack, language) else {}
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            log.warning("calls are not spoken in %s: %s", language, error)
            return {}

    def _read(self, pack: Path, language: str) -> Mapping[str, array[int]]:
        if not (pack / MANIFEST).is_file():
            return {}
        try:
            return load(pack)
        except (OSError, ValueError) as error:
            log.warning("a voice of %s cannot be used: %s", language, error)
            return {}

    def _make(self, pack: Path, language: str) -> bool:
        program = shutil.which(self._espeak) if self._espeak else None
        if program is None:
            log.warning("calls are not spoken in %s: espeak-ng is not installed and there is no clip pack", language)
            return False
        pack.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=pack.parent) as folder:
            fresh = Path(folder) / language
            fresh.mkdir()
            files = {}
            for name, text in voice.script(language).items():
                files[name] = f"{name}.wav"
                _speak(program, language, text, fresh / files[name])
            says = voice.script(language)
            manifest = {"language": language, "made_by": "espeak-ng", "rate": voice.RATE, "clips": files, "says": says}
            (fresh / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
            if pack.exists():
                shutil.rmtree(pack)
            fresh.rename(pack)  # whole or not at all
        return True


def _is_old(pack: Path, language: str) -> bool:
    """Whether a made pack says other words than the program would have it say today."""
    manifest = json.loads((pack / MANIFEST).read_text(encoding="utf-8"))
    return not isinstance(manifest, dict) or manifest.get("says") != voice.script(language)


def load(pack: Path) -> dict[str, array[int]]:
    """The clips of a pack; one that cannot be read is logged and left out. Raises `ValueError` for a bad manifest."""
    manifest = json.loads((pack / MANIFEST).read_text(encoding="utf-8"))
    named = manifest.get("clips") if isinstance(manifest, dict) else None
    if not named or not isinstance(named, dict):
        raise ValueError(f"{pack / MANIFEST}: no clips")
    clips = {}
    for name, file in named.items():
        try:
            clips[str(name)] = _clip(pack, str(file))
        except (OSError, ValueError) as error:
            log.warning("a clip of %s is left out: %s", pack.name, error)
    return clips


def _clip(pack: Path, file: str) -> array[int]:
    path = (pack / file).resolve()
    if not path.is_relative_to(pack.resolve()):
        raise ValueError(f"{file}: outside the pack")
    samples, rate = voice.read_wav(path.read_bytes())
    if rate != voice.RATE:
        raise ValueError(f"{file}: {rate} Hz instead of {voice.RATE}")
    return samples


def _speak(program: str, language: str, text: str, target: Path) -> None:
    command = [program, *VOICES[language], "-w", str(target), text]
    subprocess.run(command, check=True, capture_output=True, timeout=20)
    samples, _ = voice.read_wav(target.read_bytes())
    target.write_bytes(voice.wav(voice.tidy(samples)))
