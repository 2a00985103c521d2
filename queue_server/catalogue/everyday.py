"""How people speak of procedures: phrases, words that mean the same, and words that mean nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from queue_server.catalogue.loader import CatalogueError
from queue_server.catalogue.yamlfile import YamlError, read_yaml, schema_problems

STARTER = Path(__file__).parent / "data" / "everyday.yaml"

_Text = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]


class EverydayFile(BaseModel):
    """The shape of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    filler: str
    groups: dict[str, list[_Text]] = Field(default_factory=dict)
    phrases: dict[str, list[_Text]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Everyday:
    """Phrases per procedure, groups of words with one meaning, and polite words that say nothing."""

    filler: str
    groups: Mapping[str, tuple[str, ...]]
    phrases: Mapping[str, tuple[str, ...]]


def load_everyday(path: Path | None = None) -> Everyday:
    """The everyday words of a file; the project's own when no path is given. Raises `CatalogueError`."""
    path = path or STARTER
    try:
        data = read_yaml(path)
        file = EverydayFile.model_validate(data)
    except OSError as error:
        raise CatalogueError([f"{path}: cannot be read: {error.strerror}"]) from error
    except YamlError as error:
        raise CatalogueError([f"{path}: {error}"]) from error
    except ValidationError as error:
        raise CatalogueError([f"{path}: {message}" for _, message in schema_problems(error, data)]) from error
    return Everyday(
        filler=file.filler,
        groups={name: tuple(members) for name, members in file.groups.items()},
        phrases={name: tuple(phrases) for name, phrases in file.phrases.items()},
    )
