"""docs/mqtt.md shows the contract as it is."""

import pytest

from queue_server.messaging.reference import examples, rights_table, topic_table
from tests.architecture.source import ROOT


@pytest.mark.parametrize("made", [topic_table, rights_table, examples], ids=lambda made: made.__name__)
def test_the_page_holds_what_is_generated(made: object) -> None:
    assert callable(made)
    page = (ROOT / "docs" / "mqtt.md").read_text("utf-8")
    assert made() in page, f"put the output of queue_server.messaging.reference.{made.__name__}() into docs/mqtt.md"
