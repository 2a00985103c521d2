"""A policy that the office cannot call by is named with its place in the file."""

from pathlib import Path

import pytest

from queue_server.site.loader import SiteError, load_site

EXAMPLE = Path("queue_server/site/example.yaml")


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        ("{name: lottery}", "no policy is called 'lottery'; there are ratio, fcfs, accumulating, index, look-ahead"),
        ("{name: index, options: {luck: 1}}", "no option is called 'luck'"),
        ("{name: index, options: {fair_fast: 7}}", "option fair_fast is from 0 to 1, not 7"),
        ("{name: index, options: {'price:ho_tich': .nan}}", "option price:ho_tich is from 0.1 to 10, not nan"),
    ],
)
def test_a_policy_that_is_none_is_named(policy: str, problem: str, tmp_path: Path) -> None:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("policy:"))
    end = next(i for i in range(at + 1, len(lines)) if lines[i] and not lines[i].startswith((" ", "#")))
    file = tmp_path / "site.yaml"
    file.write_text("\n".join([*lines[:at], f"policy: {policy}", *lines[end:]]), "utf-8")
    with pytest.raises(SiteError) as caught:
        load_site(file)
    assert problem in str(caught.value)
