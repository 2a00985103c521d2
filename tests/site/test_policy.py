"""A policy that the office cannot call by is named with its place in the file."""

from pathlib import Path

import pytest

from queue_server.queue.config import Reservation, ReservationKind
from queue_server.site.loader import SiteError, load_site
from queue_server.site.model import Site

EXAMPLE = Path("queue_server/site/example.yaml")


def with_policy(policy: str, folder: Path) -> Site:
    """The example office with other rules of calling."""
    lines = EXAMPLE.read_text("utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("policy:"))
    end = next(i for i in range(at + 1, len(lines)) if lines[i] and not lines[i].startswith((" ", "#")))
    file = folder / "site.yaml"
    file.write_text("\n".join([*lines[:at], f"policy: {policy}", *lines[end:]]), "utf-8")
    return load_site(file)


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        ("{name: lottery}", "no policy is called 'lottery'; there are ratio, fcfs, accumulating, index, look-ahead"),
        ("{name: index, options: {luck: 1}}", "no option is called 'luck'"),
        ("{name: index, options: {fair_fast: 7}}", "option fair_fast is from 0 to 1, not 7"),
        ("{name: index, options: {'price:ho_tich': .nan}}", "option price:ho_tich is from 0.1 to 10, not nan"),
        ("{name: ratio, fitted: nightly}", "fitted: nightly is for index and look-ahead: ratio has no numbers to fit"),
        ("{name: index, fitted: sometimes}", "fitted"),
    ],
)
def test_a_policy_that_is_none_is_named(policy: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(SiteError) as caught:
        with_policy(policy, tmp_path)
    assert problem in str(caught.value)


def test_the_office_takes_fitted_numbers_only_where_the_file_says_so(tmp_path: Path) -> None:
    assert with_policy("{name: index, fitted: nightly}", tmp_path).fitted_nightly
    assert not with_policy("{name: index}", tmp_path).fitted_nightly
    assert not load_site(None).fitted_nightly


KEPT = "reservations: [{kind: counter, counters: [%s], services: [%s], hours: '%s'}]"


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        ("{%s}" % (KEPT % ("q9", "dat_dai", "08:00-09:00")), "policy › reservations › 1 › counters: counter 'q9'"),
        ("{%s}" % (KEPT % ("q1", "bay", "08:00-09:00")), "policy › reservations › 1 › services: service 'bay'"),
        ("{%s}" % (KEPT % ("q1", "ho_tich", "09:00-08:00")), "the hours end before they start"),
        ("{options: {'price:bay': 2}}", "policy › options: service 'bay' is not defined"),
        ("{grace_seconds: 500}", "grace_seconds"),
    ],
)
def test_rules_that_contradict_the_office_are_named(policy: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(SiteError) as caught:
        with_policy(policy, tmp_path)
    assert problem in str(caught.value)


def test_a_whole_policy_is_read(tmp_path: Path) -> None:
    example = load_site(EXAMPLE).office
    counter = next(c for c in example.counters.values() if len(c.services) > 1)
    service = counter.services[0]
    kept = f"{{kind: service, counters: [{counter.id}], services: [{service}], hours: '08:00-09:30', days: [fri, mon]}}"
    text = f"{{own_first: false, least_flexible_first: true, grace_seconds: 5, reservations: [{kept}]}}"
    policy = with_policy(text, tmp_path).office.policy
    assert (policy.own_first, policy.least_flexible_first, policy.grace) == (False, True, 5)
    assert policy.reservations == (
        Reservation(
            kind=ReservationKind.SERVICE, counters=(counter.id,), services=(service,), begins=480, ends=570, days=(0, 4)
        ),
    )
