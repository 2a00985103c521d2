"""Hints name the program as the person who reads them can run it."""

from pathlib import Path

from queue_server.kit.program import program


def test_the_short_name_stands_where_it_is_found(tmp_path: Path) -> None:
    (tmp_path / "motcua").touch(mode=0o755)
    assert program(path=str(tmp_path)) == "motcua"


def test_the_full_path_stands_where_it_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "an office"
    folder.mkdir()
    (folder / "motcua").touch(mode=0o755)
    assert program(f"{folder}/python", path=str(tmp_path)) == f"'{folder}/motcua'"


def test_without_a_script_the_module_is_named(tmp_path: Path) -> None:
    assert program(f"{tmp_path}/python", path=str(tmp_path)) == f"{tmp_path}/python -m queue_server"
