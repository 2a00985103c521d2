"""A thing to touch: at least 72 design pixels high, with sign, text, second line and mark."""

from collections.abc import Callable
from pathlib import Path

from kivy.lang import Builder
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from kiosk.pages.model import Choice, Tone
from kiosk.widgets.fit import FitLabel  # noqa: F401  # named in the kv
from kiosk.widgets.sign import Sign  # noqa: F401  # named in the kv
from kiosk.widgets.skin import Skin
from kiosk.widgets.stock import Stock

Builder.load_file(str(Path(__file__).with_name("choice.kv")))


class ChoiceButton(ButtonBehavior, BoxLayout):
    """One choice of a page. `focused`: the keys stand on it. `edge` and `gap` are design pixels around and inside."""

    skin = ObjectProperty(Skin())
    chosen = ObjectProperty(None, allownone=True)
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
    edge = ListProperty([22, 8])
    gap = NumericProperty(20)

    def on_press(self) -> None:
        """Remember what the finger went down on: the page may change under it, and the button with it."""
        self._pressed = self.choice.event

    def on_release(self) -> None:
        """Chosen, if it still is what the finger went down on."""
        if self.choice.event == self._pressed:
            self.chosen(self.choice)


def choice_button(
    stock: Stock,
    choice: Choice,
    skin: Skin,
    chosen: Callable[[Choice], None],
    *,
    letters: float = 40.0,
    centred: bool = False,
    edge: tuple[float, float] = (22, 8),
    gap: float = 20,
) -> ChoiceButton:
    """The button of a choice; `chosen` hears of every release on it."""
    main = choice.tone is Tone.MAIN
    marked = bool(choice.on)
    return stock.take(
        ChoiceButton,
        skin=skin,
        chosen=chosen,
        choice=choice,
        label=choice.label,
        note=choice.note,
        sign=choice.sign if choice.on is None or choice.sign else ("ticked" if choice.on else "box"),
        letters=letters * skin.text * skin.u,
        main=main,
        centred=centred,
        focused=False,
        state="normal",
        ground=skin.main if main else (skin.down if marked else skin.tile),
        ink=skin.main_ink if main else skin.ink,
        edge=edge,
        gap=gap,
    )
