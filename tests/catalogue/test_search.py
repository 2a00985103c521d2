"""R-07: everyday words find the right procedure among the first three."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from queue_server.catalogue.everyday import Everyday, load_everyday
from queue_server.catalogue.fold import fold
from queue_server.catalogue.loader import CatalogueError, load_catalogue
from queue_server.catalogue.search import SearchIndex, build_index, search
from tests.catalogue.builders import a_catalogue, a_procedure

PHRASES: dict[str, dict[str, str | list[str]]] = yaml.safe_load(
    (Path(__file__).parent / "phrases.yaml").read_text("utf-8")
)


@pytest.fixture(scope="module")
def index() -> SearchIndex:
    return build_index(load_catalogue(), load_everyday())


def first_ids(index: SearchIndex, text: str, count: int = 3) -> list[str]:
    return [hit.procedure.id for hit in search(index, text, count)]


def share_found(index: SearchIndex, phrases: dict[str, str | list[str]]) -> float:
    found = 0
    for phrase, wanted in phrases.items():
        right = {wanted} if isinstance(wanted, str) else set(wanted)
        found += bool(right & set(first_ids(index, phrase)))
    return found / len(phrases)


def test_at_least_nine_in_ten_phrases_find_their_procedure(index: SearchIndex) -> None:
    assert len(PHRASES["tuned"]) >= 100
    assert share_found(index, PHRASES["tuned"]) >= 0.9


def test_phrases_never_tuned_on_find_their_procedure_as_well(index: SearchIndex) -> None:
    assert len(PHRASES["held_out"]) * 2 >= len(PHRASES["tuned"]) * 0.9  # about a third of all
    assert share_found(index, PHRASES["held_out"]) >= 0.9


def test_held_out_phrases_stand_nowhere_in_the_index(index: SearchIndex) -> None:
    known = {fold(phrase) for phrases in load_everyday().phrases.values() for phrase in phrases}
    assert not [phrase for phrase in PHRASES["held_out"] if fold(phrase) in known]


def test_phrases_name_procedures_of_the_catalogue(index: SearchIndex) -> None:
    for group in PHRASES.values():
        for wanted in group.values():
            assert {wanted} if isinstance(wanted, str) else set(wanted) <= set(index.procedures)


def test_phrases_without_their_accents_are_found_too(index: SearchIndex) -> None:
    bare = {fold(phrase): wanted for group in PHRASES.values() for phrase, wanted in group.items()}
    assert share_found(index, bare) >= 0.9


def test_phrases_with_a_dropped_letter_are_found_too(index: SearchIndex) -> None:
    def clipped(phrase: str) -> str:
        longest = max(fold(phrase).split(), key=len)
        return fold(phrase).replace(longest, longest[:-2] + longest[-1], 1)

    damaged = {clipped(phrase): wanted for group in PHRASES.values() for phrase, wanted in group.items()}
    assert share_found(index, damaged) >= 0.85


def test_every_procedure_is_found_by_its_names_and_code(index: SearchIndex) -> None:
    for name, entry in index.procedures.items():
        assert name in first_ids(index, entry.name["vi"])
        assert name in first_ids(index, entry.name["en"])
        assert first_ids(index, entry.code) == [name]


def test_every_everyday_phrase_finds_its_own_procedure(index: SearchIndex) -> None:
    everyday = load_everyday().phrases
    assert set(everyday) == set(index.procedures)
    lost = [(name, text) for name, texts in everyday.items() for text in texts if name not in first_ids(index, text)]
    assert len(lost) <= 0.02 * sum(map(len, everyday.values())), lost


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("ddawng kys keest hoon", "ket_hon"),  # Telex left on
        ("d9ang8 ky1 ke6t1 ho6n", "ket_hon"),  # VNI left on
        ("khaisinh", "khai_sinh"),  # forgotten blank
        ("chích lục khai sinh", "trich_luc_ho_tich"),  # as it is said in the north
        ("dăng kí kết hôn", "ket_hon"),
        ("ket ho", "ket_hon"),  # half typed
        ("1.116214", "ho_ngheo_tx"),  # a former code
        ("CĂN CƯỚC BỊ MẤT", "can_cuoc_lai"),
    ],
)
def test_ways_of_typing(index: SearchIndex, typed: str, wanted: str) -> None:
    assert wanted in first_ids(index, typed)


def test_accents_decide_where_letters_do_not() -> None:
    catalogue = a_catalogue(
        a_procedure(name_vi="Thẻ bảo hiểm", name_en="Card"),
        a_procedure(id="the_chap", code="1.000002", name_vi="Thế chấp", name_en="Mortgage"),
    )
    index = build_index(catalogue, Everyday(filler="", groups={}, phrases={}))
    assert first_ids(index, "thẻ")[0] == "khai_sinh"
    assert first_ids(index, "thế")[0] == "the_chap"


@pytest.mark.parametrize(
    "text", ["", "   ", "!!! ???", "xin chào", "cho tôi hỏi", "\x00\x01", "qqqqqqqq wwwwzzzz", "q" * 100_000]
)
def test_words_that_say_nothing_find_nothing(index: SearchIndex, text: str) -> None:
    assert search(index, text) == []


def test_hits_come_best_first_and_not_more_than_asked(index: SearchIndex) -> None:
    hits = search(index, "đất", 4)
    assert len(hits) == 4
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.procedure.id for hit in hits}) == 4


def test_a_hit_names_the_text_that_spoke_for_it(index: SearchIndex) -> None:
    assert search(index, "lam giay doc than", 1)[0].matched == "giấy độc thân"


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=400))
def test_any_text_is_answered(index: SearchIndex, text: str) -> None:
    assert len(search(index, text, 3)) <= 3


def test_the_same_question_has_the_same_answer(index: SearchIndex) -> None:
    rebuilt = build_index(load_catalogue(), load_everyday())
    for phrase in PHRASES["tuned"]:
        assert first_ids(index, phrase) == first_ids(rebuilt, phrase)


def test_an_office_may_bring_its_own_words(tmp_path: Path) -> None:
    path = tmp_path / "words.yaml"
    path.write_text("filler: ''\nphrases:\n  khai_sinh: [mần giấy con nít]\n", "utf-8")
    index = build_index(a_catalogue(), load_everyday(path))
    assert first_ids(index, "con nit") == ["khai_sinh"]


@pytest.mark.parametrize(
    "text", ["phrases: 3\nfiller: x\n", "words: []\n", "filler: [\n", "filler: x\nphrases:\n  a: ['']\n"]
)
def test_a_wrong_file_of_words_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "words.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(CatalogueError, match=r"words\.yaml"):
        load_everyday(path)
    with pytest.raises(CatalogueError, match="cannot be read"):
        load_everyday(tmp_path / "absent.yaml")
