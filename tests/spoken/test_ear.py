"""What a voice reads: by table, over every page of the kiosk, and through the voice's own phonemes."""

import re
import subprocess
from collections.abc import Iterator

import pytest

from display import voice
from kiosk import focus
from kiosk.pages.build import page_for
from kiosk.state import State
from queue_server.spoken.ear import write_for_ear
from queue_server.spoken.letters import LETTERS, letter_name, spell
from queue_server.spoken.numbers import HIGHEST, number_words, ordinal_words, year_words
from tests.kiosk.test_patience import every_page

VIETNAMESE = [
    ("Chờ khoảng 5–10 phút.", "Chờ khoảng năm đến mười phút."),
    ("5–10 phút", "từ năm đến mười phút"),
    ("từ 15 – 65 phút", "từ mười lăm đến sáu mươi lăm phút"),
    ("Số A012 sẽ được gọi", "Số a, không, một, hai, sẽ được gọi"),
    ("N003 – Nhận kết quả", "en nờ, không, không, ba, Nhận kết quả"),
    ("Trang 1/3", "Trang một trên ba"),
    ("Quầy 1, 2", "Quầy một và hai"),
    ("Quầy dự kiến: 1, 2, 3A", "Quầy dự kiến: một, hai và ba a"),
    ("Quầy 15", "Quầy mười lăm"),
    ("Phí: 8.000 đ/bản.", "Phí: tám nghìn đồng một bản."),
    ("150.000 đồng", "một trăm năm mươi nghìn đồng"),
    ("thẻ BHYT", "thẻ bảo hiểm y tế"),
    ("số 123/2015/NĐ-CP", "số một trăm hai mươi ba, hai nghìn không trăm mười lăm, nghị định Chính phủ"),
    ("hồ sơ XKLD", "hồ sơ ích xì ca e lờ đê"),
    (
        "Thứ Hai – thứ Sáu: 07:30–11:30",
        "Thứ Hai đến thứ Sáu: từ bảy giờ ba mươi đến mười một giờ ba mươi",
    ),
    ("lúc 17:00, 08:05", "lúc mười bảy giờ, tám giờ năm phút"),
    ("ngày 30/04/2026", "ngày ba mươi tháng tư năm hai nghìn không trăm hai mươi sáu"),
    ("01/12/2026", "ngày một tháng mười hai năm hai nghìn không trăm hai mươi sáu"),
    ("ảnh 4x6 cm, ≥ 10", "ảnh bốn nhân sáu xăng ti mét, ít nhất mười"),
    ("50%", "năm mươi phần trăm"),
    ("12,5%", "mười hai phẩy năm phần trăm"),
    ("−5 độ", "âm năm độ"),
    ("1.234.567 người", "một triệu hai trăm ba mươi tư nghìn năm trăm sáu mươi bảy người"),
    ("nhà 50 m², 12,3 m", "nhà năm mươi mét vuông, mười hai phẩy ba mét"),
    ("Gọi 1900 1234", "Gọi một, chín, không, không, một, hai, ba, bốn"),
    ("Gọi 0912.345.678", "Gọi không, chín, một, hai, ba, bốn, năm, sáu, bảy, tám"),
    ("Mẫu số 01", "Mẫu số không, một"),
    ("căn cước/CCCD/hộ chiếu", "căn cước hoặc căn cước công dân hoặc hộ chiếu"),
    ("Ông/bà còn ở đây không?", "Ông bà còn ở đây không?"),
    ("4 người chờ · khoảng 8–16 phút", "bốn người chờ, khoảng tám đến mười sáu phút"),
    ("xin chạm “In lại”…", "xin chạm In lại."),
    ("", ""),
]
ENGLISH = [
    ("Wait about 5–10 min", "Wait about five to ten minutes"),
    ("Number A012 will be called", "Number A, zero, one, two, will be called"),
    ("Page 1/3", "Page one of three"),
    ("Expected counters: 1, 2", "Expected counters: one and two"),
    ("VND 8,000 per copy", "eight thousand dong per copy"),
    ("Monday – Friday: 07:30–17:00", "Monday to Friday: seven thirty a.m. to five p.m."),
    ("30/11/2026", "the thirtieth of November twenty twenty-six"),
    ("50%, 12.5%", "fifty per cent, twelve point five per cent"),
]


@pytest.mark.parametrize(("text", "said"), VIETNAMESE)
def test_vietnamese_is_written_for_the_ear(text: str, said: str) -> None:
    assert write_for_ear(text, "vi") == said


@pytest.mark.parametrize(("text", "said"), ENGLISH)
def test_english_is_written_for_the_ear(text: str, said: str) -> None:
    assert write_for_ear(text, "en") == said


NUMBERS = [
    (0, "không"), (5, "năm"), (10, "mười"), (11, "mười một"), (14, "mười bốn"), (15, "mười lăm"), (20, "hai mươi"),
    (21, "hai mươi mốt"), (24, "hai mươi tư"), (25, "hai mươi lăm"), (95, "chín mươi lăm"), (100, "một trăm"),
    (101, "một trăm linh một"), (105, "một trăm linh năm"), (111, "một trăm mười một"), (121, "một trăm hai mươi mốt"),
    (1000, "một nghìn"), (1005, "một nghìn không trăm linh năm"), (1050, "một nghìn không trăm năm mươi"),
    (8000, "tám nghìn"), (2026, "hai nghìn không trăm hai mươi sáu"), (1_000_000, "một triệu"),
    (1_000_015, "một triệu không trăm mười lăm"), (2_000_000_000, "hai tỷ"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "words"), NUMBERS)
def test_vietnamese_numbers(number: int, words: str) -> None:
    assert number_words(number, "vi") == words


def test_english_numbers_years_and_ordinals() -> None:
    assert number_words(1_205_013, "en") == "one million two hundred and five thousand and thirteen"
    assert [year_words(year, "en") for year in (1999, 2005, 2026)] == [
        "nineteen ninety-nine",
        "two thousand and five",
        "twenty twenty-six",
    ]
    assert [ordinal_words(day) for day in (1, 2, 12, 20, 31)] == [
        "first",
        "second",
        "twelfth",
        "twentieth",
        "thirty-first",
    ]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_two_numbers_sound_the_same(language: str) -> None:
    assert len({number_words(number, language) for number in range(20_000)}) == 20_000
    for beyond in (-1, HIGHEST + 1):
        with pytest.raises(ValueError):
            number_words(beyond, language)


def heard_from(state: State) -> Iterator[str]:
    page = page_for(state)
    yield page.spoken
    for place in range(len(page.focus)):
        yield focus.spoken(focus.Focus(place=place), page)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_nothing_is_left_for_the_eye_on_any_page(language: str) -> None:
    left = set()
    for state in every_page(language):
        for text in heard_from(state):
            said = write_for_ear(text, language)
            if re.search(r"[0-9/–·()“”…%\x02\x03]", said):
                left.add(said)
    assert left == set()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_kiosk_and_hall_say_a_number_alike(language: str) -> None:
    script = voice.script(language)
    for number in ("A012", "L105", "R999", "ĐQ20"):
        clips = voice.sentence(number, "3", 1, priority=False)
        hall = [script[clip] for clip in clips if clip.startswith(("letter-", "digit-"))][: len(number)]
        assert ", ".join(hall) == spell(number, language) == write_for_ear(number, language)


def phonemes(text: str, language: str = "vi") -> str:
    done = subprocess.run(["espeak-ng", "-q", "-x", "-v", language, text], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.split())


def untoned(said: str) -> str:
    """Without stress and tone, which hang on the words around."""
    return re.sub(r"[\d',]", "", said)


def test_the_voice_tells_five_to_ten_from_fifty() -> None:
    said = phonemes(write_for_ear("khoảng 5–10 phút", "vi"))
    for word in ("năm", "đến", "mười", "phút"):
        assert untoned(phonemes(word)) in untoned(said), word
    assert said != phonemes("khoảng năm mươi phút")


def test_no_two_letters_sound_the_same() -> None:
    names = [phonemes(letter_name(letter, "vi")) for letter in LETTERS]
    assert len(set(names)) == len(LETTERS)
    for letter in "LMNRSX":
        assert " " in letter_name(letter, "vi"), "two syllables"
