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
from kiosk.widgets.stock import Stock

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


class Titles(BoxLayout):
    """The page's title over its second line."""

    skin = ObjectProperty(Skin(), rebind=True)  # comes from the page, after the rules were read
    title = StringProperty("")
    lead = StringProperty("")
    wide = BooleanProperty(False)


class PageView(BoxLayout):
    """The pages of one kind, one after the other. `buttons` are the choices of the page that stands, by id."""

    skin = ObjectProperty(Skin())
    page = ObjectProperty(None, allownone=True)
    title = StringProperty("")
    lead = StringProperty("")
    letters = NumericProperty(40.0)
    mood_ground = ColorProperty("#FFFFFF")
    wide = BooleanProperty(False)

    def __init__(self, *, skin: Skin, chosen: Chosen, stock: Stock) -> None:
        super().__init__(skin=skin)
        self.chosen = chosen
        self.stock = stock
        self.buttons: dict[str, ChoiceButton] = {}
        self._homes = {name: (part.parent, part.parent.children[::-1]) for name, part in self.ids.items()}

    def show(self, page: Page) -> None:
        """This page in place of the one before."""
        skin = self.skin
        self.page, self.title, self.lead = page, page.title, page.lead
        self.letters, self.wide = skin.text * skin.u, not skin.portrait
        self.mood_ground = {Mood.CARE: skin.care, Mood.GOOD: skin.good, Mood.CALM: skin.chip}[page.mood]
        self.buttons.clear()
        self.fill(page)

    def fill(self, page: Page) -> None:  # noqa: ARG002  # each view fills its own way
        """Put the page's choices and texts where the layout wants them."""
        raise TypeError(f"{type(self).__name__} fills nothing")

    def button(self, choice: Choice, *, letters: float = 40.0, centred: bool = False) -> ChoiceButton:
        """The button of a choice, remembered for the keys."""
        made = choice_button(self.stock, choice, self.skin, self.chosen, letters=letters, centred=centred)
        self.buttons[choice.id] = made
        return made

    def text(self, text: str, *, wanted: float, color: Any = None) -> FitLabel:
        """A label in the middle of its place."""
        settings = {"halign": "center", "valign": "middle", "bold": False, "color": color or self.skin.ink}
        return self.stock.take(FitLabel, text=text, wanted=wanted * self.letters, **settings)

    def fill_texts(self, box: BoxLayout, texts: Iterable[str], *, wanted: float) -> None:
        """One label under the other."""
        self.stock.clear(box)
        for text in texts:
            box.add_widget(self.text(text, wanted=wanted))

    def fill_rows(self, grid: RowsGrid, choices: Iterable[Choice], *, letters: float = 40.0) -> None:
        """The page's list into its grid."""
        self.stock.clear(grid)
        for choice in choices:
            grid.add_widget(self.button(choice, letters=letters))

    def fill_actions(self, choices: tuple[Choice, ...], *, letters: float = 40.0, aside: bool = True) -> None:
        """The page's actions: side by side, or one above the other where they stand `aside` on a wide screen."""
        grid, stacked = self.ids.actions, self.wide and aside
        self.stock.clear(grid)
        grid.cols = 1 if stacked else (2 if len(choices) in (2, 4) else max(1, len(choices)))
        for choice in choices:
            grid.add_widget(self.button(choice, letters=letters, centred=len(choices) == 1))
        self.keep("actions", shown=bool(choices))

    def fill_pager(self, page: Page) -> None:
        """Turning pages: earlier, where we are, later."""
        box = self.ids.pager
        self.stock.clear(box)
        self.keep("pager", shown=bool(page.pager))
        if not page.pager:
            return
        by_id = {choice.id: choice for choice in page.pager}
        for name in ("earlier", "text", "later"):
            if name in by_id:
                box.add_widget(self.button(by_id[name], letters=34, centred=True))
            else:
                text = page.pager_text if name == "text" else ""
                box.add_widget(self.text(text, wanted=32, color=self.skin.soft))

    def keep(self, name: str, *, shown: bool) -> None:
        """Let a named part of the layout take room in its place, or none."""
        part, (home, order) = self.ids[name], self._homes[name]
        if shown == (part.parent is not None):
            return
        if shown:
            below = order[order.index(part) + 1 :]
            home.add_widget(part, index=sum(each.parent is not None for each in below))
        else:
            home.remove_widget(part)
