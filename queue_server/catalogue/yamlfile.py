"""Reading a YAML file strictly: every problem with its place and line, no unknown and no double keys."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

Place = tuple[str | int, ...]


class YamlError(Exception):
    """The file is not readable as YAML; the text says where and why."""


def _loader() -> Any:
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times faster where it exists


def read_yaml(path: Path) -> Any:
    """The content of a YAML file as plain Python values. Raises `YamlError` or `OSError`."""
    return parse_yaml(path.read_bytes())


def parse_yaml(text: bytes | str) -> Any:
    """Plain Python values of a YAML text."""
    try:
        return yaml.load(text, Loader=_loader())  # noqa: S506 - a safe loader, C or Python
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise YamlError(f"{line}{error.problem or error.context or 'not valid YAML'}") from error
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise YamlError(f"not valid YAML: {error}") from error


class LineFinder:
    """Finds the line of a place in a YAML text; composes the text only when somebody asks."""

    def __init__(self, text: bytes | str) -> None:
        self._text = text
        self._root: Any = None

    def line(self, place: Place) -> int | None:
        """The 1-based line where `place` (keys and list positions) stands; its nearest parent if it is missing."""
        if self._root is None:
            self._root = yaml.compose(self._text, Loader=_loader())
        node, line = self._root, None
        for part in place:
            step = _child(node, part)
            if step is None:
                break
            node, line = step
        return line

    def doubled_keys(self) -> Iterator[tuple[Place, int]]:
        """Keys written twice in one mapping: YAML would silently keep the last."""
        if self._root is None:
            self._root = yaml.compose(self._text, Loader=_loader())
        yield from _doubled(self._root, ())


def _child(node: Any, part: str | int) -> tuple[Any, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark.line + 1
    return None


def _doubled(node: Any, place: Place) -> Iterator[tuple[Place, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            here = (*place, key.value)
            if key.value in seen:
                yield here, key.start_mark.line + 1
            seen.add(key.value)
            yield from _doubled(value, here)
    if isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from _doubled(value, (*place, position))


def place_text(place: Place, data: Any) -> str:
    """A place in words: `services › ho_tich › prefix`; list entries are named by their id where they have one."""
    words: list[str] = []
    here = data
    for part in place:
        here = _step(here, part)
        name = here.get("id") if isinstance(here, dict) and isinstance(part, int) else None
        words.append(str(name) if name else f"#{part + 1}" if isinstance(part, int) else str(part))
    return " › ".join(words) or "the file"


def _step(data: Any, part: str | int) -> Any:
    if isinstance(data, dict):
        return data.get(part)
    if isinstance(data, Sequence) and not isinstance(data, str) and isinstance(part, int) and part < len(data):
        return data[part]
    return None


_CURES = {
    "extra_forbidden": "unknown key; remove it or correct its spelling",
    "missing": "is missing; add it",
    "string_type": "must be text; put it between quotes",
    "model_type": "must be a mapping of keys and values",
    "list_type": "must be a list",
    "dict_type": "must be a mapping of keys and values",
    "too_short": "must have at least {min_length} entry",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be {le:g} or less",
}
_SHOWS_VALUE = ("greater", "less")
_PATTERNS = {
    "^[A-Z]$": "must be one capital letter, A to Z",
    "^[a-z0-9][a-z0-9_-]{0,31}$": "must be an id of lower-case letters, digits, - and _, at most 32",
    "^[a-z0-9][a-z0-9_]{0,47}$": "must be an id of lower-case letters, digits and _, at most 48",
    "^[0-9A-Za-z]{1,4}$": "must be one to four letters or digits",
    "^[a-z]{2,3}$": 'must be a language code such as "vi"',
    r"^\d\.\d{6}$": 'must be a national code such as "1.001193"',
}


def schema_problems(error: ValidationError, data: Any) -> Iterator[tuple[Place, str]]:
    """Each schema error as (place, sentence with the cure)."""
    for detail in error.errors(include_url=False, include_context=True):
        place: Place = tuple(part for part in detail["loc"])
        cure = _cure(detail["type"], detail["msg"], detail.get("ctx", {}), detail["input"])
        yield place, f"{place_text(place, data)}: {cure}"


def _cure(kind: str, message: str, context: Mapping[str, Any], found: Any) -> str:
    shown = "" if isinstance(found, dict | list) or found is None else f" (found {found!r})"
    if context.get("pattern") in _PATTERNS:
        return _PATTERNS[context["pattern"]] + shown
    if kind in _CURES:
        return _CURES[kind].format_map(context) + (shown if kind.startswith(_SHOWS_VALUE) else "")
    return message.removeprefix("Value error, ") + shown
