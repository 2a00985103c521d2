"""The guide names every key of the site file, and no file can be longer than its guide."""

import re
from collections.abc import Iterator
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from queue_server.catalogue.checklist import DATABASES
from queue_server.catalogue.loader import load_catalogue
from queue_server.queue.config import ClassKind
from queue_server.site.schema import Measure, SiteFile, UnitType
from tests.site.builders import GUIDE


def keys(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        yield model.__name__, name
        for part in models_in(field.annotation):
            yield from keys(part)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in {list, dict, Union, UnionType}:
        for part in get_args(annotation):
            yield from models_in(part)


def test_every_key_is_described() -> None:
    guide = GUIDE.read_text("utf-8")
    found = set(keys(SiteFile))
    assert len(found) > 80
    assert not {key for key in found if f"`{key[1]}`" not in guide}


def test_every_choice_is_described() -> None:
    guide = GUIDE.read_text("utf-8")
    choices = {*UnitType, *Measure, *ClassKind, "portrait", "landscape", "max", "min"}
    assert not {choice for choice in choices if f"`{choice}`" not in guide}


def test_the_counter_services_and_data_bases_it_names_exist() -> None:
    guide = GUIDE.read_text("utf-8")
    assert not {name for name in load_catalogue().counter_services if f"`{name}`" not in guide}
    assert set(re.findall(r"\b\w+_db\b", guide)) <= set(DATABASES)
