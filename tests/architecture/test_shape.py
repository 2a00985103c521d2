"""Files stay short, functions stay short, everything is typed."""

import ast

from tests.architecture.source import ALL, PRODUCT, ROOT, functions, python_files, told

FILE_LIMIT = 400
FUNCTION_LIMIT = 50


def test_no_file_is_too_long() -> None:
    lengths = {path: len((ROOT / path).read_text("utf-8").splitlines()) for path in python_files(*ALL)}
    too_long = [f"{path}: {lines} lines" for path, lines in lengths.items() if lines > FILE_LIMIT]
    assert not too_long, told(f"split these files by concern; the limit is {FILE_LIMIT} lines", too_long)


def test_no_function_is_too_long() -> None:
    too_long = [
        f"{path}:{node.lineno} {node.name}: {lines} lines"
        for path in python_files(*ALL)
        for node in functions(path)
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LIMIT
    ]
    assert not too_long, told(f"split these functions; the limit is {FUNCTION_LIMIT} lines", too_long)


def untyped(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Names of the parameters without a type, and "return"."""
    args = node.args
    named = [*args.posonlyargs, *args.args]
    if named and named[0].arg in {"self", "cls"} and named[0].annotation is None:
        named = named[1:]
    rest = [each for each in (args.vararg, args.kwarg) if each]
    missing = [each.arg for each in [*named, *args.kwonlyargs, *rest] if each.annotation is None]
    return missing + ([] if node.returns else ["return"])


def test_every_function_is_typed() -> None:
    found = [
        f"{path}:{node.lineno} {node.name}: {', '.join(missing)}"
        for path in python_files(*PRODUCT, "benchmarks")
        for node in functions(path)
        if (missing := untyped(node))
    ]
    assert not found, told("give these parameters and returns a type", found)


def test_every_module_says_what_it_owns() -> None:
    silent = [
        str(path)
        for path in python_files(*PRODUCT, "benchmarks")
        if (body := ast.parse((ROOT / path).read_text("utf-8"))).body and not ast.get_docstring(body)
    ]
    assert not silent, told("give these modules a first line that says what they own", silent)
