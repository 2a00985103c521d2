"""The page for citizens names every reason that a call can have."""

from pathlib import Path

from queue_server.queue.reasons import REASONS

PAGE = Path("docs/vi-sao-goi-truoc.md")


def test_every_reason_is_explained_in_both_languages() -> None:
    vietnamese, english = PAGE.read_text("utf-8").split("# Why was somebody", 1)
    codes = REASONS.keys() - {"look_ahead_fair", "officer_choice_reserved"}  # other sentences of the same codes
    for text in (vietnamese, english):
        assert not {code for code in codes if f"`{code}`" not in text}
