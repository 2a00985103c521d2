"""Numbers of calling fitted at night, taken by the office itself where its site file says `fitted: nightly`.

A day opens with the rules of the site file. What was taken before is carried on while those rules are the same; an
offer that has earned it and was judged against exactly that is taken on top. Both stand in the journal.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from queue_server.contract.problems import Refused
from queue_server.forecaster.files import replace_whole
from queue_server.forecaster.fitted_words import FITTED, sentence, signature
from queue_server.logs import Log
from queue_server.office import Office
from queue_server.queue import commands as cmd
from queue_server.queue.config import Policy
from queue_server.site.model import Site

log = Log(__name__)

TAKEN = "taken.json"
ACTOR = "nightly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Numbers that the office took: since when, under which rules of the site file, and what they promised."""

    day: str
    site: Mapping[str, Any]
    name: str
    options: Mapping[str, float]
    gain: Mapping[str, str]

    def on(self, policy: Policy) -> Policy:
        """The policy with these numbers."""
        return replace(policy, name=self.name, options=dict(self.options))


class Nightly:
    """Takes offers at the start of a day. Without the switch in the site file it does nothing."""

    def __init__(self, data: Path, site: Site) -> None:
        self.data = data
        self.wanted = site.fitted_nightly
        self.taken = read_taken(data) if self.wanted else None

    async def start_day(self, office: Office) -> None:
        """Puts the numbers in force that the office took before, and those of an offer that has earned it."""
        if not self.wanted:
            return
        state = office.state
        base, taken = state.policy, self._carried(state.policy)
        before = taken.on(base) if taken else base
        offer = await asyncio.to_thread(offered, self.data, before, site=base, day=state.day)
        taken = offer or taken
        if taken is None:
            self.taken = None
            return
        try:
            await office.do(cmd.ChangePolicy(policy=taken.on(base)), actor=ACTOR)
        except Refused as refusal:  # such as the price of a service that is gone: the rules of the site file stay
            log.warning("fitted-numbers-refused", code=str(refusal.code), detail=refusal.detail)
            self.taken = None
            return
        self.taken = taken
        if offer:
            self._keep(offer)

    def told(self, policy: Policy) -> dict[str, str] | None:
        """What was taken, for the rules page; None without the switch."""
        if not self.wanted:
            return None
        if self.taken is None:
            return {
                "vi": "Bộ số rút ra mỗi đêm được tự nhận vào đầu ngày, nếu thử trên những ngày qua thấy rõ là tốt hơn "
                "(theo tệp cấu hình). Hiện chưa nhận bộ nào.",
                "en": "Numbers fitted at night are taken by themselves at the start of a day, where past days show "
                "them clearly better (by the site file). None has been taken yet.",
            }
        day, gain = self.taken.day, self.taken.gain
        kept = self.taken.on(policy) == policy
        since = {"vi": f"{day[6:]}/{day[4:6]}/{day[:4]}", "en": f"{day[:4]}-{day[4:6]}-{day[6:]}"}
        vi = "" if kept else " Hôm nay quy tắc đã được đổi lại bằng tay."
        en = "" if kept else " Today somebody has changed the rules by hand."
        return {
            "vi": f"Bộ số rút ra ban đêm, tự nhận từ {since['vi']} (theo tệp cấu hình). {gain['vi']}.{vi}",
            "en": f"Numbers fitted at night, taken by themselves since {since['en']} (by the site file). "
            f"{gain['en']}.{en}",
        }

    def _carried(self, base: Policy) -> Taken | None:
        known = self.taken or read_taken(self.data)
        return known if known and known.site == signature(base) else None

    def _keep(self, taken: Taken) -> None:
        document = {name: getattr(taken, name) for name in Taken.__slots__}
        try:
            replace_whole(self.data / TAKEN, document)
        except OSError as error:
            log.warning("fitted-numbers-not-kept", error=str(error))


def offered(data: Path, before: Policy, *, site: Policy, day: str) -> Taken | None:
    """The last fit, where it was better beyond doubt and judged against the policy `before`; its numbers only."""
    try:
        found = json.loads((data / FITTED).read_text("utf-8"))
        tuned = found["tuned"]
        if tuned is None or tuned["better"] is not True or tuned["name"] != before.name:
            return None
        if found["against"] != signature(before):
            return None
        options = {str(name): float(value) for name, value in tuned["options"].items()}
        return Taken(day=day, site=signature(site), name=before.name, options=options, gain=sentence(tuned))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("fitted-file-unreadable", file=data / FITTED, error=repr(error))
        return None


def read_taken(data: Path) -> Taken | None:
    """What the office took; nothing where there is no file or nobody can read it."""
    try:
        found = json.loads((data / TAKEN).read_text("utf-8"))
        return Taken(
            day=str(found["day"]),
            site=dict(found["site"]),
            name=str(found["name"]),
            options={str(name): float(value) for name, value in found["options"].items()},
            gain={language: str(found["gain"][language]) for language in ("vi", "en")},
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("taken-file-unreadable", file=data / TAKEN, error=repr(error))
        return None
