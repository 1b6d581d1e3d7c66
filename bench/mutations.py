"""Takes out each check on who may see and do what, one by one: does the matrix notice?

    .venv/bin/python -m bench.mutations              # one line for each check; fails for a survivor
    .venv/bin/python -m bench.mutations admin/call   # only those whose line has these words
    .venv/bin/python -m bench.mutations --doors      # asks only who may open what: seconds a check

Reads the checks from the code (FILES): filters by clinic, refusals, permissions of the admin. Each
is taken out of the running code, never of a file. Then the matrix (tests/consults/test_matrix.py)
runs until it finds something wrong. A check that nothing misses is a hole in the matrix.
"""

import ast
import copy
import importlib
import inspect
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
ROOT = Path(__file__).resolve().parents[1]
FILES = [
    "consults/models.py", "consults/change.py", "consults/duplicates.py", "consults/retention.py",
    "consults/reports.py", "consults/spam.py", "consults/calls.py",
    *sorted(f"consults/admin/{path.name}" for path in (ROOT / "consults/admin").glob("*.py")),
    "locations/admin.py", "locations/desk.py", "locations/clinics.py", "clinic/today.py",
]  # fmt: skip
# Querysets that leave out what a person may not see; without them everything is left in.
BY_PERSON = {"visible_to", "erasable_by", "worked_at_by", "led_by", "changeable_by"}
REFUSALS = {"PermissionDenied", "Http404"}
PERMISSIONS = {f"has_{verb}_permission" for verb in ("add", "change", "delete", "view", "module")}
# Nothing is lost without these, and why.
EQUIVALENT: dict[str, str] = {}


@dataclass(frozen=True)
class Mutant:
    path: str
    line: int
    function: str
    what: str
    code: CodeType

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.function}: {self.what}"


# --- Finding the checks -------------------------------------------------------------------------


def mutants(path: str) -> Iterator[Mutant]:
    tree = ast.parse((ROOT / path).read_text())
    for function, node in functions(tree):
        for spot, what, change in checks(node):
            mutated = copy.deepcopy(tree)
            change(mutated)
            code = code_of(compile(ast.fix_missing_locations(mutated), path, "exec"), function)
            if code is not None:
                yield Mutant(path, spot.lineno, function, what, code)


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions and methods, by the name that their code carries."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        if isinstance(node, ast.ClassDef):
            for each in node.body:
                if isinstance(each, ast.FunctionDef):
                    yield f"{node.name}.{each.name}", each


def checks(function: ast.FunctionDef) -> Iterator[tuple[Any, str, Any]]:
    """Each check of a function: where it is, what is done to it, and how."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and called(node) in BY_PERSON:
            yield node, f"{called(node)}() lets everything through", replacing(node, everything)
        if isinstance(node, ast.If) and refuses(node):
            yield node, f"no refusal if {ast.unparse(node.test)}", replacing(node, never)
            yield from operands(node)
        in_filter = function.name in BY_PERSON and isinstance(node, ast.Call)
        if in_filter and isinstance(node.func, ast.Attribute) and node.func.attr == "filter":  # type: ignore[attr-defined]
            yield node, f"no .{ast.unparse(node)[-60:]}", replacing(node, everything)
        if isinstance(node, ast.Return) and function.name in PERMISSIONS:
            yield node, "always true", replacing(node, true)


def called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def refuses(node: ast.If) -> bool:
    """Whether nothing but a refusal, or nothing to see, follows."""
    words = ast.unparse(node.body[-1])
    raised = isinstance(node.body[-1], ast.Raise) and any(name in words for name in REFUSALS)
    return raised or words.startswith("refuse(") or words == "return self.none()"


def operands(node: ast.If) -> Iterator[tuple[Any, str, Any]]:
    """`a or b` is two checks: each is taken out alone."""
    if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.Or):
        for operand in node.test.values:
            what = f"not asking {ast.unparse(operand)}"
            yield operand, what, replacing(operand, lambda _old: ast.Constant(value=False))


def replacing(old: ast.AST, new: Any) -> Any:
    """A change to a copy of the tree: what stands where `old` stood."""
    where = (type(old), old.lineno, old.col_offset, old.end_col_offset)  # type: ignore[attr-defined]

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Any:
            spot = (type(node), *(getattr(node, name, None) for name in
                    ("lineno", "col_offset", "end_col_offset")))  # fmt: skip
            if spot == where and ast.dump(node) == ast.dump(old):
                return ast.copy_location(new(node), node)
            return self.generic_visit(node)

    return Replace().visit


def everything(node: ast.Call) -> ast.expr:
    if isinstance(node.func, ast.Attribute):
        rows = ast.Attribute(value=node.func.value, attr="all", ctx=ast.Load())
        return ast.Call(func=rows, args=[], keywords=[])
    # led_by(user) of consults.admin.access
    return ast.parse(
        "__import__('locations.models').models.Location.objects.order_by('position')", mode="eval"
    ).body


def never(node: ast.If) -> ast.stmt:
    """Without the refusal, and with what its `else` would have done."""
    return ast.If(test=ast.Constant(value=False), body=[ast.Pass()], orelse=node.orelse)


def true(_node: ast.Return) -> ast.stmt:
    return ast.Return(value=ast.Constant(value=True))


def code_of(code: CodeType, function: str) -> CodeType | None:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            if each.co_qualname == function:
                return each
            if found := code_of(each, function):
                return found
    return None


# --- Taking one out -----------------------------------------------------------------------------


def live(mutant: Mutant) -> FunctionType:
    """The function in the running code, beneath its decorators."""
    found: Any = module_of(mutant.path)
    for name in mutant.function.split("."):
        found = inspect.getattr_static(found, name)
        found = getattr(found, "fget", None) or getattr(found, "__func__", None) or found
    function: FunctionType = inspect.unwrap(found)
    return function


def module_of(path: str) -> ModuleType:
    return importlib.import_module(
        path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    )


def missed(mutant: Mutant, site: Any) -> object:
    """What the matrix finds wrong without this check; None when it notices nothing."""
    function = live(mutant)
    whole = function.__code__
    function.__code__ = mutant.code
    try:
        return first_wrong(site)
    except AssertionError:
        raise  # the matrix itself is out of date
    except Exception as error:
        return type(error).__name__
    finally:
        function.__code__ = whole


def first_wrong(site: Any) -> object:
    from django.core.cache import cache
    from django.db import transaction

    from tests.consults import test_matrix as matrix

    # What is quick and finds most comes first; whoever is left out can do no more than these.
    probes = [
        *((matrix.wrong_doors, who) for who in matrix.ACTORS),
        *((matrix.leaking_cells, who) for who in ("lead", "staff", "site administrator")),
        *((matrix.leaking_filters, who) for who in ("staff", "editor here")),
    ]
    if "--doors" in sys.argv:
        probes = [each for each in probes if each[0] is matrix.wrong_doors]
    for probe, who in probes:
        with transaction.atomic():
            cache.clear()
            found = next(iter(probe(site, who)), None)
            transaction.set_rollback(True)
        if found is not None:
            return (probe.__name__, who, found)
    return None


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.db import connection, transaction
    from django.test.utils import setup_test_environment

    setup_test_environment()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.LOGGING_CONFIG = None
    import logging

    logging.disable(logging.CRITICAL)
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    from tests.consults.test_matrix import Site

    chosen = [words for words in sys.argv[1:] if words != "--doors"]
    survivors = []
    with transaction.atomic():
        site = Site()
        if not chosen:
            whole = first_wrong(site)
            if whole is not None:
                sys.exit(f"The matrix fails with every check in place: {whole}")
        every = [mutant for path in FILES for mutant in mutants(path)]
        for mutant in every:
            if chosen and not any(words in str(mutant) for words in chosen):
                continue
            started = time.monotonic()
            found = missed(mutant, site)
            print(f"{'SURVIVES' if found is None else 'shows'}  {mutant}  "
                  f"{found}  {time.monotonic() - started:.0f} s", flush=True)  # fmt: skip
            survivors += [mutant] if found is None else []
        transaction.set_rollback(True)
    print(f"{len(every)} checks, {len(survivors)} that nothing misses")
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
