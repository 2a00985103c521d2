"""R-91: an import lists what it adds, changes and removes, and loses nothing in silence."""

import pytest

from queue_server.catalogue.diff import SilentLossError, checked_import, diff_catalogues, publication_gaps
from queue_server.catalogue.loader import load_catalogue
from tests.catalogue.builders import a_catalogue, a_procedure

MARRIAGE = a_procedure(id="ket_hon", code="1.000894", name_vi="Đăng ký kết hôn", name_en="Marriage")


def test_equal_lists_differ_in_nothing() -> None:
    assert diff_catalogues(load_catalogue(), load_catalogue()).empty


def test_added_removed_and_changed_are_listed() -> None:
    old = a_catalogue(a_procedure(), a_procedure(id="cu", code="1.000001"))
    new = a_catalogue(a_procedure(fee={"amount_vnd": 10000}), MARRIAGE)
    found = diff_catalogues(old, new)
    assert [entry.id for entry in found.added] == ["ket_hon"]
    assert [entry.id for entry in found.removed] == ["cu"]
    (change,) = found.changed
    assert (change.procedure, change.aspect) == ("khai_sinh", "fee")
    assert "8000" in change.before
    assert "10000" in change.after


def test_a_procedure_is_recognised_by_its_code_not_its_id() -> None:
    found = diff_catalogues(a_catalogue(), a_catalogue(a_procedure(id="birth")))
    assert not found.added
    assert not found.removed
    assert [change.aspect for change in found.changed] == ["id"]


def test_a_new_code_with_the_old_one_as_alias_is_no_loss() -> None:
    new = a_catalogue(a_procedure(code="1.999999", code_aliases=["1.001193"]))
    found = checked_import(a_catalogue(), new)
    assert not found.removed
    assert not found.added
    assert {change.aspect for change in found.changed} >= {"code", "code_aliases"}


def test_silent_loss_is_refused_and_names_what_would_be_lost() -> None:
    old = a_catalogue(a_procedure(), MARRIAGE)
    with pytest.raises(SilentLossError, match=r"1\.000894 Đăng ký kết hôn") as caught:
        checked_import(old, a_catalogue())
    assert [entry.id for entry in caught.value.lost] == ["ket_hon"]


def test_a_confirmed_loss_goes_through() -> None:
    found = checked_import(a_catalogue(a_procedure(), MARRIAGE), a_catalogue(), confirmed_losses={"1.000894"})
    assert [entry.id for entry in found.removed] == ["ket_hon"]


def test_what_is_not_known_well_enough_to_publish_is_listed() -> None:
    whole = a_procedure()
    vague = a_procedure(
        id="mo_ho",
        code="1.000002",
        components=[],
        decision_vi=None,
        time_limit={"value": None},
        fee={"amount_vnd": None},
    )
    (gap,) = publication_gaps(a_catalogue(whole, vague))
    assert (gap.procedure, gap.aspects) == ("mo_ho", ("time_limit", "fee", "components", "decision"))
