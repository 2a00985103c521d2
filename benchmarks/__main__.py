"""`python -m benchmarks [NAME] [ARGUMENTS]`: runs one benchmark; without a name, `speed`."""

import importlib
import pkgutil
import sys
from pathlib import Path

DEFAULT = "speed"


def names() -> list[str]:
    """The benchmarks: modules of this package that can be run by name."""
    found = pkgutil.iter_modules([str(Path(__file__).parent)])
    return sorted(each.name for each in found if not each.name.startswith("_") and _runs(each.name))


def _runs(name: str) -> bool:
    """Whether a module has a `main`; told from its text, since importing all of them would take seconds."""
    module = Path(__file__).with_name(f"{name}.py")
    return module.exists() and "\ndef main(" in module.read_text("utf-8")


def main(argv: list[str]) -> int:
    """Runs the benchmark named first with the arguments behind it; 2 when there is none of that name."""
    if argv[:1] in (["-h"], ["--help"], ["--list"]):
        print(__doc__)
        print("Benchmarks:", ", ".join(names()))
        return 0
    name, rest = (argv[0], argv[1:]) if argv and not argv[0].startswith("-") else (DEFAULT, argv)
    if name not in (known := names()):
        print(f"benchmarks: none is called {name!r}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    code: int = importlib.import_module(f"benchmarks.{name}").main(rest)
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
