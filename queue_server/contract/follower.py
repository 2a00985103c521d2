"""What an office and the machine that follows it say to each other."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowerRow:
    """The second machine: seconds `behind` while it follows, else `lost_since`; both None where there never was one."""

    behind: float | None = None
    lost_since: datetime | None = None


class GenerationAnswer(BaseModel):
    """`GET /generation`: which office serves here. A machine that took over has a higher `generation` than before."""

    office: str
    generation: int
    name: str  # unlike every other; empty in an office that never lost anything


class FollowAnswer(GenerationAnswer):
    """`GET /follower/entries`: entries after the asked one, each a list in the order of `columns`.

    `files`: what else the office has in its data folder, name → mark of its state; null while the asker has them.
    """

    journal_schema: int
    end: int  # number of the newest entry that is on the office's disk
    columns: list[str]
    entries: list[list[Any]]
    files: dict[str, str] | None
    site: str | None  # name of the site file among them; null for the example office
