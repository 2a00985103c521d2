"""Kivy's settings for a machine in a public hall, made before its window is."""

from kivy.config import Config


def configure(*, width: int, height: int, fullscreen: bool) -> None:
    """No way out by a key, no files of its own, one source of touches, thirty pictures a second."""
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "keyboard_mode", "")
    Config.set("graphics", "width", str(width))
    Config.set("graphics", "height", str(height))
    Config.set("graphics", "fullscreen", "auto" if fullscreen else "0")
    Config.set("graphics", "borderless", "1" if fullscreen else "0")
    Config.set("graphics", "show_cursor", "0" if fullscreen else "1")
    Config.set("graphics", "allow_screensaver", "0")
    Config.set("graphics", "maxfps", "30")
    Config.set("graphics", "multisamples", "0")
    # SDL's mouse alone: with probesysfs and mtdev beside it a touch panel taps twice
    Config.remove_option("input", "%(name)s")
    Config.set("input", "mouse", "mouse,disable_multitouch")
