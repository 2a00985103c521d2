"""Small catalogues to test with: one procedure each, changed where the test needs it."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from queue_server.catalogue.loader import parse_catalogue
from queue_server.catalogue.model import Catalogue

BIRTH: dict[str, Any] = {
    "id": "khai_sinh",
    "code": "1.001193",
    "name_vi": "Đăng ký khai sinh",
    "name_en": "Birth registration",
    "field": "ho_tich",
    "level": ["commune"],
    "components": [
        {"name_vi": "Tờ khai", "name_en": "Form", "kind": "submit", "originals": 1},
        {
            "name_vi": "Giấy chứng sinh",
            "kind": "submit",
            "originals": 1,
            "copies": 2,
            "replaced_by_data": "population_db",
        },
        {"name_vi": "Biên bản", "kind": "submit", "condition_vi": "trẻ bị bỏ rơi", "question_vi": "Trẻ bị bỏ rơi?"},
        {"name_vi": "Căn cước", "kind": "present", "replaced_by_data": "population_db"},
    ],
    "time_limit": {"value": 3, "unit": "working_day"},
    "fee": {"amount_vnd": 8000, "per_vi": "bản", "per_en": "copy"},
    "result": {"name_vi": "Giấy khai sinh"},
    "counter_minutes": {"typical": 12, "basis": "estimate"},
    "accept_scope": "province",
    "site_inspection": False,
    "decision_vi": "QĐ 1",
    "certainty": {"code": "high", "time": "high", "fee": "high", "components": "high", "overall": "high"},
    "source": ["portal"],
}


def a_procedure(**changes: Any) -> dict[str, Any]:
    """The birth registration with other values; a dict changes only the keys it names."""
    entry = deepcopy(BIRTH)
    for key, value in changes.items():
        entry[key] = {**entry[key], **value} if isinstance(value, dict) else value
    return entry


def a_file(*procedures: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The content of a catalogue file."""
    return {
        "version": {"id": "list", "title": "A list", "status": "made up", **changes.pop("version", {})},
        "sources": {"portal": "a portal"},
        "fields": [{"id": "ho_tich", "name_vi": "Hộ tịch", "name_en": "Civil status", "suggested_ticket_prefix": "A"}],
        "services_without_procedure": [],
        "procedures": list(procedures) or [a_procedure()],
        **changes,
    }


def written(path: Path, content: dict[str, Any]) -> Path:
    """The content as a YAML file."""
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    return path


def a_catalogue(*procedures: dict[str, Any], **changes: Any) -> Catalogue:
    """The model of such a file."""
    content = a_file(*procedures, **changes)
    return parse_catalogue(content, yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "list.yaml")
