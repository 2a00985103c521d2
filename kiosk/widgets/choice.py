"""A thing to touch: at least 72 design pixels high, with sign, text, second line and mark."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from kiosk.pages.model import Choice, Tone
from kiosk.widgets.fit import FitLabel  # noqa: F401  # named in the kv
from kiosk.widgets.sign import Sign  # noqa: F401  # named in the kv
from kiosk.widgets.skin import Skin

Builder.load_file(str(Path(__file__).with_name("choice.kv")))


class ChoiceButton(ButtonBehavior, BoxLayout):
    """One choice of a page. `focused`: the keys stand on it."""

    skin = ObjectProperty(Skin())
    choice = ObjectProperty(None, allownone=True)
    label = StringProperty("")
    note = StringProperty("")
    sign = StringProperty("")
    letters = NumericProperty(40.0)
    main = BooleanProperty(False)
    centred = BooleanProperty(False)
    focused = BooleanProperty(False)
    ground = ColorProperty("#FFFFFF")
    ink = ColorProperty("#16212B")


def choice_button(
    choice: Choice,
    skin: Skin,
    chosen: Callable[[Choice], None],
    *,
    letters: float = 40.0,
    centred: bool = False,
    **settings: Any,
) -> ChoiceButton:
    """The button of a choice; `chosen` hears of every release on it."""
    main = choice.tone is Tone.MAIN
    marked = bool(choice.on)
    button = ChoiceButton(
        skin=skin,
        choice=choice,
        label=choice.label,
        note=choice.note,
        sign=choice.sign if choice.on is None or choice.sign else ("ticked" if choice.on else "box"),
        letters=letters * skin.text * skin.u,
        main=main,
        centred=centred,
        ground=skin.main if main else (skin.down if marked else skin.tile),
        ink=skin.main_ink if main else skin.ink,
        **settings,
    )
    button.bind(on_release=lambda pressed: chosen(pressed.choice))
    return button
