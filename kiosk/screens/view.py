"""What all page views share: the skin, the page, and buttons made from its choices."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.pages.model import Choice, Mood, Page
from kiosk.widgets.choice import ChoiceButton, choice_button
from kiosk.widgets.code import QrCode  # noqa: F401  # named in the kv
from kiosk.widgets.fit import FitLabel
from kiosk.widgets.rows import RowsGrid
from kiosk.widgets.skin import Skin

Builder.load_file(str(Path(__file__).with_name("view.kv")))

Chosen = Callable[[Choice], None]


class Chip(BoxLayout):
    """A short text on its own ground: what was chosen so far."""

    skin = ObjectProperty(Skin())
    text = StringProperty("")


class Line(BoxLayout):
    """A numbered line of text."""

    skin = ObjectProperty(Skin())
    number = StringProperty("")
    text = StringProperty("")


class FactBox(BoxLayout):
    """A labelled fact."""

    skin = ObjectProperty(Skin())
    label = StringProperty("")
    text = StringProperty("")
    note = StringProperty("")


class PageView(BoxLayout):
    """A page on the screen. `buttons` are its choices as they stand, by id."""

    skin = ObjectProperty(Skin())
    page = ObjectProperty(None, allownone=True)
    title = StringProperty("")
    lead = StringProperty("")
    letters = NumericProperty(40.0)
    mood_ground = ColorProperty("#FFFFFF")
    wide = BooleanProperty(False)

    def __init__(self, *, page: Page, skin: Skin, chosen: Chosen, **settings: Any) -> None:
        ground = {Mood.CARE: skin.care, Mood.GOOD: skin.good, Mood.CALM: skin.chip}[page.mood]
        super().__init__(
            skin=skin,
            page=page,
            title=page.title,
            lead=page.lead,
            letters=skin.text * skin.u,
            mood_ground=ground,
            wide=not skin.portrait,
            **settings,
        )
        self.chosen = chosen
        self.buttons: dict[str, ChoiceButton] = {}
        self.fill(page)

    def fill(self, page: Page) -> None:  # noqa: ARG002  # each view fills its own way
        """Put the page's choices and texts where the layout wants them."""
        raise TypeError(f"{type(self).__name__} fills nothing")

    def button(self, choice: Choice, *, letters: float = 40.0, centred: bool = False) -> ChoiceButton:
        """The button of a choice, remembered for the keys."""
        made = choice_button(choice, self.skin, self.chosen, letters=letters, centred=centred)
        self.buttons[choice.id] = made
        return made

    def fill_rows(self, grid: RowsGrid, choices: Iterable[Choice], *, letters: float = 40.0) -> None:
        """The page's list into its grid."""
        for choice in choices:
            grid.add_widget(self.button(choice, letters=letters))

    def fill_actions(
        self, grid: RowsGrid, choices: tuple[Choice, ...], *, letters: float = 40.0, aside: bool = True
    ) -> None:
        """The page's actions: side by side, or one above the other where they stand `aside` on a wide screen."""
        stacked = self.wide and aside
        grid.cols = 1 if stacked else (2 if len(choices) in (2, 4) else max(1, len(choices)))
        for choice in choices:
            grid.add_widget(self.button(choice, letters=letters, centred=len(choices) == 1))
        if not choices:
            hide(grid)

    def fill_pager(self, box: BoxLayout, page: Page) -> None:
        """Turning pages: earlier, where we are, later."""
        if not page.pager:
            hide(box)
            return
        by_id = {choice.id: choice for choice in page.pager}
        for name in ("earlier", "text", "later"):
            if name == "text":
                label = FitLabel(text=page.pager_text, wanted=32 * self.letters, color=self.skin.soft, halign="center")
                label.valign = "middle"
                box.add_widget(label)
            elif name in by_id:
                box.add_widget(self.button(by_id[name], letters=34, centred=True))
            else:
                box.add_widget(FitLabel(text=""))


def hide(widget: Any) -> None:
    """Take a part out of the layout for good."""
    if widget.parent is not None:
        widget.parent.remove_widget(widget)
