"""Units and environment files as systemd reads them, so that tests start what docs/deploy says, without systemd."""

import re
import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs/deploy"
MOTCUA = "/opt/motcua/.venv/bin/motcua"


def environment_file(text: str) -> dict[str, str]:
    """What an EnvironmentFile= sets, by the rules of systemd.exec(5).

    Only a whole line is a comment: what stands behind a value belongs to it. Quotes count where a value begins.
    """
    found = {}
    for line in re.sub(r"(?<!\\)((?:\\\\)*)\\\n", r"\1", text).splitlines():
        stripped = line.strip()
        if not stripped or stripped[0] in "#;" or "=" not in stripped:
            continue
        key, value = stripped.split("=", 1)
        found[key.strip()] = _value(value.strip())
    return found


def _value(text: str) -> str:
    if text[:1] not in {'"', "'"}:
        return text.replace("\\\\", "\0").replace("\\", "").replace("\0", "\\")
    quote, rest = text[0], text[1:]
    inside, _, after = rest.partition(quote)
    return inside + (_value(after.strip()) if after.strip() else "")


@dataclass(frozen=True)
class Unit:
    """One unit file: its settings, in order, all values of a key together."""

    path: Path
    settings: dict[str, list[str]] = field(default_factory=dict)

    def one(self, key: str, default: str = "") -> str:
        """The value that counts: the last."""
        return self.settings.get(key, [default])[-1]

    def command(self, key: str = "ExecStart") -> list[str]:
        """The words of a command line, as they reach the program."""
        line = self.one(key).replace("%%", "%").replace("$$", "$")
        return shlex.split(line)


def read_unit(name: str) -> Unit:
    """A unit of docs/deploy."""
    path = DEPLOY / name
    settings: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        if line and line[0] not in "#;[":
            key, _, value = line.partition("=")
            settings.setdefault(key.strip(), []).append(value.strip())
    return Unit(path, settings)


@dataclass(frozen=True)
class Place:
    """A folder that stands for the machine: what the units name under /etc and /var lies below it."""

    folder: Path

    def at(self, path: str) -> Path:
        """Where a path of the machine lies here; programs of the distribution stay where they are."""
        return self.folder / path.lstrip("/") if path.startswith(("/etc/", "/var/")) else Path(path)

    def copied(self, name: str, target: str, **changes: str) -> Path:
        """A file of docs/deploy, copied as documented, with the values that a technician fills in."""
        text = (DEPLOY / name).read_text()
        for key, value in changes.items():
            lines = [line for line in text.splitlines() if not line.lstrip("#").startswith(f"{key}=")]
            text = "\n".join([*lines, f"{key}={value}"]) + "\n"
        path = self.at(target)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def environment(self, unit: Unit) -> dict[str, str]:
        """What systemd gives the unit's process: its files and little else."""
        given = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),  # the package as it would be installed
        }
        for name in unit.settings.get("EnvironmentFile", []):
            given |= environment_file(self.at(name).read_text())
        return {key: self._mapped(value) for key, value in given.items()}

    def words(self, unit: Unit, key: str = "ExecStart") -> list[str]:
        """The command of the unit with its paths here."""
        words = [self._mapped(word) for word in unit.command(key)]
        start = words.index(MOTCUA) if MOTCUA in words else -1
        if start < 0:
            return [word.replace("/opt/motcua/", f"{ROOT}/") for word in words]
        return [*words[:start], sys.executable, "-m", "queue_server", *words[start + 1 :]]

    def folders(self, unit: Unit) -> None:
        """Its StateDirectory= and CacheDirectory=, as systemd makes them."""
        for key, below in (("StateDirectory", "var/lib"), ("CacheDirectory", "var/cache")):
            for name in unit.one(key).split():
                (self.folder / below / name).mkdir(parents=True, exist_ok=True, mode=0o700)

    def _mapped(self, text: str) -> str:
        if not text.startswith(("/etc/", "/var/")):
            return text
        mapped = str(self.folder / text.lstrip("/"))
        return mapped + "/" if text.endswith("/") else mapped
