"""The spoken call: right words in the right order, joined to a sound that is neither silent nor clipped."""

import json
import shutil
from array import array

import pytest

from display import voice
from display.clips import Voice, load
from tests.display.office import a_call


def said(*, number="A012", counter="3", time=1, priority=False, language="vi"):
    return voice.words(voice.sentence(number, counter, time, priority=priority), language)


def test_the_call_reads_digits_one_by_one():
    assert said() == "Mời công dân có số thứ tự, a, không, một, hai, đến quầy số, ba."


def test_priority_and_recalls_have_their_own_words():
    assert said(priority=True).startswith("Mời công dân thuộc diện ưu tiên, số thứ tự, a")
    assert said(time=2).startswith("Lần thứ hai, mời công dân")
    assert said(time=3).startswith("Lần thứ ba, ")
    assert said(time=7).startswith("Xin gọi lại, ")


def test_counters_are_read_as_numbers():
    assert said(counter="41").endswith("đến quầy số, bốn mươi mốt.")
    assert said(counter="11").endswith("đến quầy số, mười một.")
    assert said(counter="25").endswith("đến quầy số, hai mươi lăm.")
    assert said(counter="3A").endswith("đến quầy số, ba, a.")
    assert said(counter="12B").endswith("đến quầy số, mười hai, bê.")


def test_counters_beyond_the_pack_are_spelled():
    assert said(counter="305").endswith("đến quầy số, ba, không, năm.")
    assert said(counter="07").endswith("đến quầy số, không, bảy.")


def test_english_says_the_same():
    assert said(language="en") == "Number, A, zero, one, two, please go to counter, three."
    assert said(language="en", counter="21").endswith("twenty-one.")


def test_every_clip_of_every_call_is_in_the_script():
    for language in ("vi", "en"):
        script = set(voice.script(language)) | {"chime"}
        for label in [str(n) for n in range(1, 120)] + ["3A", "Z9"]:
            for time in (1, 2, 3, 4):
                assert set(voice.sentence("QXZ0123456789", label, time, priority=time == 2)) <= script


def test_odd_characters_are_not_spoken_and_break_nothing():
    assert voice.sentence("<b>1", "#٣", 1, priority=False) == ("chime", "invite", "letter-B", "digit-1", "to-counter")


def tone(milliseconds, height=20000):
    return array("h", [height, -height] * (voice.RATE * milliseconds // 2000))


def test_joined_clips_last_as_long_as_their_parts_and_gaps():
    pack = {name: tone(200) for name in (*voice.script("vi"), "chime")}
    sound = voice.join(voice.sentence("A012", "3", 1, priority=False), pack)
    seconds = len(sound) / voice.RATE
    gaps = 0.15 + 0.22 + 3 * 0.09 + 0.4 + 0.08
    assert abs(seconds - (8 * 0.2 + gaps)) < 0.01
    assert max(sound) == 20000


def test_a_missing_clip_is_left_out():
    assert voice.join(["chime", "nowhere"], {"chime": tone(100)}) == tone(100)


def test_a_number_that_a_recorded_pack_lacks_is_read_by_its_digits():
    pack = {"digit-4": tone(100), "digit-1": tone(200)}
    assert len(voice.join(["number-41"], pack)) == len(voice.join(["digit-4", "digit-1"], pack)) > 0


def test_letters_that_sound_alike_have_two_syllables():
    assert said(number="L105") == "Mời công dân có số thứ tự, e lờ, một, không, năm, đến quầy số, ba."
    assert "đê gạch, một" in said(number="Đ1")


def test_the_chime_is_soft_and_short():
    sound = voice.chime()
    assert 0.9 < len(sound) / voice.RATE < 1.0
    assert 0.45 < max(abs(sample) for sample in sound) / 32767 <= 0.5
    assert abs(sound[-1]) < 300  # it does not end in a click


def test_tidying_cuts_silence_and_levels():
    quiet = array("h", [0] * 5000 + [3000, -3000] * 400 + [0] * 5000)
    tidy = voice.tidy(quiet)
    assert len(tidy) < 1200
    assert abs(max(tidy) / 32767 - 0.7) < 0.01
    assert voice.tidy(array("h", [0] * 100)) == array("h")


def test_a_wav_reads_back_as_it_was_written():
    assert voice.read_wav(voice.wav(tone(50))) == (tone(50), voice.RATE)


@pytest.mark.parametrize("bad", [b"", b"RIFF", b"x" * 400])
def test_what_is_no_sound_is_refused(bad):
    with pytest.raises(ValueError):
        voice.read_wav(bad)


def test_a_stereo_clip_is_refused():
    data = bytearray(voice.wav(tone(10)))
    data[22] = 2  # number of channels
    with pytest.raises(ValueError, match="mono"):
        voice.read_wav(bytes(data))


def test_the_default_pack_is_made_once_and_speaks(voices):
    speaker = Voice(voices)
    assert speaker.prepare()
    sound, rate = voice.read_wav(speaker.call(a_call("A012", counter_label="3")))
    assert 4.0 < len(sound) / rate < 9.0
    assert 0.6 < max(abs(sample) for sample in sound) / 32767 < 0.75
    pack = voices / "made" / "vi"
    before = (pack / "manifest.json").stat().st_mtime_ns
    assert Voice(voices).prepare()
    assert (pack / "manifest.json").stat().st_mtime_ns == before
    assert set(load(pack)) == set(voice.script("vi"))


def test_a_made_pack_that_says_other_words_is_made_anew(voices, tmp_path):
    old = shutil.copytree(voices, tmp_path / "voices") / "made" / "vi" / "manifest.json"
    manifest = json.loads(old.read_text("utf-8"))
    manifest["says"]["letter-L"] = "lờ"
    old.write_text(json.dumps(manifest), "utf-8")
    assert Voice(tmp_path / "voices").prepare()
    assert json.loads(old.read_text("utf-8"))["says"] == voice.script("vi")


def test_someone_who_chose_english_hears_both(voices):
    speaker = Voice(voices)
    one, both = speaker.call(a_call()), speaker.call(a_call(language="en"))
    assert len(both) > 1.4 * len(one)


def test_without_a_speech_program_there_is_the_chime_and_no_error(tmp_path):
    speaker = Voice(tmp_path, espeak="no-such-program")
    assert not speaker.prepare()
    assert speaker.call(a_call()) == speaker.chime() == voice.wav(voice.chime())


def test_a_speech_program_that_fails_leaves_nothing_half_made(tmp_path):
    speaker = Voice(tmp_path, espeak="false")
    assert not speaker.prepare()
    assert speaker.call(a_call()) == speaker.chime()
    assert list((tmp_path / "made").iterdir()) == []


def recorded(folder, rate=voice.RATE, **clips):
    folder.mkdir(parents=True)
    for name in clips:
        (folder / f"{name}.wav").write_bytes(voice.wav(tone(100), rate))
    manifest = {"language": "vi", "made_by": "a voice of the region", "rate": rate, "clips": clips}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_a_recorded_pack_comes_before_the_made_one(tmp_path):
    recorded(tmp_path / "vi", invite="invite.wav")
    sound, _ = voice.read_wav(Voice(tmp_path, espeak=None).call(a_call()))
    assert len(sound) == len(voice.chime()) + len(voice.silence(0.15)) + len(tone(100))


@pytest.mark.parametrize("clips", [{"invite": "../outside.wav"}, {"invite": "missing.wav"}, {}, None])
def test_a_broken_pack_falls_back_to_the_chime(tmp_path, clips):
    (tmp_path / "vi").mkdir()
    (tmp_path / "vi" / "manifest.json").write_text(json.dumps({"clips": clips}))
    speaker = Voice(tmp_path, espeak=None)
    assert speaker.call(a_call()) == speaker.chime()


def test_a_clip_of_another_rate_is_left_out(tmp_path, caplog):
    recorded(tmp_path / "vi", rate=16000, invite="invite.wav")
    assert load(tmp_path / "vi") == {}
    assert "16000 Hz" in caplog.text


def test_a_missing_clip_silences_no_language(voices, tmp_path, caplog):
    """The office recorded one word, and lost the file of another: the program's own voice says the rest."""
    shutil.copytree(voices / "made", tmp_path / "made")
    recorded(tmp_path / "vi", invite="invite.wav")
    manifest = tmp_path / "vi" / "manifest.json"
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(told | {"clips": told["clips"] | {"to-counter": "lost.wav"}}))
    pack = Voice(tmp_path)._pack("vi")
    assert pack.keys() == voice.script("vi").keys()
    assert pack["invite"] == tone(100)
    assert "lost.wav" in caplog.text
