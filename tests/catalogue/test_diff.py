"""R-91: an import lists what it adds, changes and removes, and loses nothing in silence."""

from pathlib import Path

import pytest

from queue_server.catalogue.__main__ import main
from queue_server.catalogue.diff import SilentLossError, checked_import, diff_catalogues, publication_gaps
from queue_server.catalogue.loader import load_catalogue
from tests.catalogue.builders import a_catalogue, a_file, a_procedure, written

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
    assert (change.procedure, change.aspect, change.before, change.after) == (
        "khai_sinh",
        "fee.amount",
        "8000",
        "10000",
    )


def test_a_paper_put_in_front_changes_no_other_paper() -> None:
    papers = a_procedure()["components"]
    new = a_catalogue(a_procedure(components=[{"name_vi": "Đơn", "kind": "submit", "copies": 2}, *papers]))
    found = diff_catalogues(a_catalogue(), new)
    assert {change.aspect for change in found.changed if change.before} == set()
    assert {change.aspect.split("]")[0] for change in found.changed} == {"components[Đơn"}
    assert ("components[Đơn].copies", "", "2") in {(c.aspect, c.before, c.after) for c in found.changed}


def test_a_paper_taken_out_is_named() -> None:
    new = a_catalogue(a_procedure(components=a_procedure()["components"][:3]))
    lost = [change for change in diff_catalogues(a_catalogue(), new).changed if change.aspect == "components[Căn cước]"]
    assert [(change.before, change.after) for change in lost] == [("present", "")]


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
    assert {change.aspect for change in found.changed} == {"code", "code_aliases"}


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


# The same on the command line: python -m queue_server.catalogue NEW


def test_the_command_lists_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = written(tmp_path / "old.yaml", a_file(a_procedure(), MARRIAGE))
    new = written(tmp_path / "new.yaml", a_file(a_procedure(fee={"amount_vnd": 10000}), version={"id": "new"}))
    assert main([str(new), "--old", str(old), "--confirm", "1.000894"]) == 0
    said = capsys.readouterr().out
    assert "1.000894 Đăng ký kết hôn" in said
    assert "1.001193 fee.amount: 8000 → 10000" in said
    assert "0 added, 1 removed, 1 changed" in said


def test_the_command_refuses_silent_loss(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = written(tmp_path / "new.yaml", a_file())
    assert main([str(new)]) == 1
    assert "drops 108 procedures" in capsys.readouterr().err


def test_the_command_names_what_is_wrong_with_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = written(tmp_path / "new.yaml", a_file(a_procedure(field="y_te")))
    assert main([str(new)]) == 2
    assert "unknown field 'y_te'" in capsys.readouterr().err


def test_the_command_lists_what_cannot_be_published_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = written(tmp_path / "new.yaml", a_file(a_procedure(decision_vi=None)))
    assert main([str(new), "--old", str(new), "--gaps"]) == 0
    assert "1.001193 Đăng ký khai sinh: decision" in capsys.readouterr().out
