"""The house's rules as functions: ``rule(source, path)`` gives the complaints about one file.

``path`` is relative to the repository ("cases/views/ledger.py"). Rules read syntax, not behaviour;
what they cannot see is left to review.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {
    "organisations": 1,
    "enterprises": 2,
    "resources": 2,
    "workflows": 2,
    "cases": 3,
    "notifications": 4,
    "reports": 4,
    "api": 5,
    "config": 5,
}
LONGEST_FILE = 400
# the one module that listens to signals: Django tells of sign-ins in no other way
LISTENER = "organisations/signins.py"
THE_CLOCK = "organisations/clock.py"
ENGINE = ("cases/engine.py", "cases/engine/", "cases/births.py")

DOORS = re.compile(r"^(api/|config/|\w+/views\.py|\w+/views/)")
# doors that only parse, call a verb and render; the rest of config (demo, ticking) calls verbs too
WRITELESS = re.compile(
    r"^(api/|config/(tasks|middleware|context|display|urls)\.py|config/management/commands/"
    r"|config/templatetags/|\w+/views\.py|\w+/views/)"
)


def sources() -> Iterator[tuple[str, str]]:
    """(path, source) of every module of ours, tests left out."""
    for app in FLOORS:
        for file in sorted((ROOT / app).rglob("*.py")):
            yield file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")


@cache
def _tree(source: str) -> ast.Module:
    """Read once for all rules, which must leave it as it is."""
    return ast.parse(source)


@cache
def _nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    return tuple(walk(tree))


def nodes_of(source: str) -> tuple[ast.AST, ...]:
    return _nodes(_tree(source))


def walk(tree: ast.AST) -> list[ast.AST]:
    """As ``ast.walk`` in another order; that makes three generators for each node."""
    found = [tree]
    for node in found:
        for name in node._fields:
            below = getattr(node, name, None)
            if below.__class__ is list:
                found += [one for one in below if isinstance(one, ast.AST)]
            elif isinstance(below, ast.AST):
                found.append(below)
    return found


def forget() -> None:
    """The sources as trees weigh more than everything else in a process of tests."""
    _nodes.cache_clear()
    _tree.cache_clear()


# --- imports -------------------------------------------------------------------------------------
def module_of(path: str) -> str:
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.AST, path: str) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import below ``tree``, relative ones resolved."""
    package = module_of(path).split(".")
    if not path.endswith("__init__.py"):
        package = package[:-1]
    for node in _nodes(tree) if isinstance(tree, ast.Module) else walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{start}.{alias.name}"


def names_in_strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Apps named in string foreign keys, migration dependencies and ``get_model``."""
    for node in _nodes(tree):
        if isinstance(node, ast.Call) and node.args:
            called, first = _last_name(node.func), _text(node.args[0])
            is_relation = called in {"ForeignKey", "OneToOneField", "ManyToManyField"}
            if first and (
                called in {"get_model", "import_module"} or (is_relation and "." in first)
            ):
                yield node.lineno, first
        elif isinstance(node, ast.Assign) and _last_name(node.targets[0]) == "dependencies":
            for pair in ast.walk(node.value):
                if isinstance(pair, ast.Tuple) and len(pair.elts) == 2 and _text(pair.elts[0]):
                    yield pair.lineno, _text(pair.elts[0])


def upward_imports(source: str, path: str) -> list[str]:
    """Imports go down only; the same floor never sees each other, and nobody sees floor 5."""
    tree, app = _tree(source), path.split("/")[0]
    found = [*imports(tree, path), *names_in_strings(tree)]
    complaints = []
    for line, name in found:
        other = name.split(".")[0]
        if other not in FLOORS or other == app:
            continue
        wired = app == "config" and other == "api"
        if FLOORS[other] >= FLOORS[app] and not wired:
            complaints.append(f"{path}:{line} {app} must not know {other} ({name})")
    return complaints


_INDENTED = re.compile(r"^[ \t]+(from|import)\b", re.MULTILINE)


def local_imports(source: str, path: str) -> list[str]:
    """A function that imports our own modules hides a circle; ``AppConfig.ready`` has no choice."""
    complaints: list[str] = []
    if not _INDENTED.search(source):
        return complaints
    for function in _nodes(_tree(source)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if path.endswith("/apps.py") and function.name == "ready":
            continue
        for line, name in imports(function, path):
            if name.split(".")[0] in FLOORS:
                complaints.append(f"{path}:{line} import of {name} inside {function.name}")
    return complaints


def circles(files: dict[str, str]) -> list[str]:
    """Modules that import each other in a ring; what only the type checker reads does not count."""
    modules = {module_of(path): path for path in files}
    graph = {
        module: {
            target
            for _line, name in imports(_without_type_checking(files[path]), path)
            if (target := _module_named(name, modules)) and target != module
        }
        for module, path in modules.items()
    }
    return [" → ".join(ring) for ring in _rings(graph)]


def _module_named(name: str, modules: dict[str, str]) -> str | None:
    """``a.b.c`` is the module of that name, or the name ``c`` of module ``a.b``."""
    if name in modules:
        return name
    parent = name.rpartition(".")[0]
    return parent if parent in modules else None


def _without_type_checking(source: str) -> ast.AST:
    class Drop(ast.NodeTransformer):
        def visit_If(self, node: ast.If) -> ast.AST | None:
            return None if _last_name(node.test) == "TYPE_CHECKING" else self.generic_visit(node)

    if "TYPE_CHECKING" not in source:
        return _tree(source)
    return Drop().visit(ast.parse(source))  # type: ignore[no-any-return]


def _rings(graph: dict[str, set[str]]) -> Iterator[list[str]]:
    """One ring for each module that can reach itself, each ring once."""
    seen: set[frozenset[str]] = set()
    for start in sorted(graph):
        ring = _way_back(graph, start)
        if ring and frozenset(ring) not in seen:
            seen.add(frozenset(ring))
            yield ring


def _way_back(graph: dict[str, set[str]], start: str) -> list[str]:
    ways = [[start]]
    met: set[str] = set()
    while ways:
        way = ways.pop(0)
        for target in sorted(graph.get(way[-1], ())):
            if target == start:
                return [*way, start]
            if target not in met:
                met.add(target)
                ways.append([*way, target])
    return []


# --- signals -------------------------------------------------------------------------------------
def signals(source: str, path: str) -> list[str]:
    """Nobody listens, save one module: what a verb causes is written where the verb is."""
    if path == LISTENER:
        return []
    return [
        f"{path}:{line} signal: {name}"
        for line, name in imports(_tree(source), path)
        if "signals" in name.split(".") or name.startswith("django.dispatch")
    ]


# --- writes --------------------------------------------------------------------------------------
_ALWAYS = {
    *("create", "get_or_create", "update_or_create", "bulk_create", "bulk_update"),
    *("acreate", "aupdate", "adelete", "asave", "executemany", "raw", "save_base"),
}
_ON_ROWS = {"update", "delete", "add", "remove", "set", "clear"}
_QUERY = {"objects", "filter", "exclude", "all", "visible_to", "order_by", "_default_manager"}
# things with save() or delete() that are no rows of ours
_NO_ROWS = {"storage", "default_storage", "cache", "session", "workbook", "image", "response"}


def writes_in_doors(source: str, path: str) -> list[str]:
    """A door parses, calls one verb and renders; a ModelForm validates, a verb writes."""
    if not WRITELESS.match(path):
        return []
    return [
        f"{path}:{node.lineno} a door writes: {ast.unparse(node.func)}()"
        for node in _nodes(_tree(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and _is_write(node.func)
    ]


def _is_write(func: ast.Attribute) -> bool:
    receiver, name = func.value, func.attr
    chain = {getattr(n, "attr", getattr(n, "id", "")) for n in ast.walk(receiver)}
    if name in _ALWAYS:
        return True
    if name == "execute":
        return "cursor" in chain
    if name in _ON_ROWS and chain & _QUERY:
        return True
    return name in {"save", "delete"} and not chain & _NO_ROWS


_UPDATE = re.compile(r'update\s+"?cases_case"?\s', re.IGNORECASE)


def stage_writes(source: str, path: str) -> list[str]:
    """The engine alone moves a case."""
    if path.startswith(ENGINE) or "/migrations/" in path:
        return []
    return [
        f"{path}:{line} only the engine writes stage: {what}"
        for line, what in _stage_writes(_tree(source))
    ]


def _stage_writes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in _nodes(tree):
        if isinstance(node, ast.Call):
            called = _last_name(node.func)
            keywords = {keyword.arg for keyword in node.keywords}
            if called in {"update", "aupdate", "Case", "create"} and "stage" in keywords:
                is_case = called != "create" or "Case" in ast.unparse(node.func)
                if is_case:
                    yield node.lineno, f"{called}(stage=…)"
            # what is poured or put is a new case as ``births`` or the engine made it
            poured = called in {"pour_rows", "put_rows", "add_rows"} and node.args
            if poured and _last_name(node.args[0]) == "Case":
                yield node.lineno, f"{called}(Case)"
            if called == "setattr" and len(node.args) > 1 and _text(node.args[1]) == "stage":
                yield node.lineno, "setattr"
            if called == "bulk_update" and "'stage'" in ast.unparse(node):
                yield node.lineno, "bulk_update"
        elif isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Attribute) and target.attr == "stage":
                    of_a_value = _last_name(target.value) == "self"
                    if not of_a_value:
                        yield node.lineno, ast.unparse(target)
        elif isinstance(node, ast.Constant) and _UPDATE.search(_text(node)):
            yield node.lineno, "UPDATE cases_case"


# --- the clock -----------------------------------------------------------------------------------
_CLOCK = {
    *("timezone.now", "datetime.now", "datetime.utcnow", "date.today", "datetime.today"),
    *("time.time", "clock.now", "clock.today"),
}
# these read it only when they are given nothing to convert
_CONVERTERS = {"timezone.localdate", "timezone.localtime"}


def clock_reads(source: str, path: str) -> list[str]:
    """Below the door time is a parameter: the same verb serves virtual time and real time."""
    if DOORS.match(path) or path in {THE_CLOCK, LISTENER} or "/migrations/" in path:
        return []
    found = []
    for node in _nodes(_tree(source)):
        if isinstance(node, ast.Attribute):
            name = ".".join(ast.unparse(node).split(".")[-2:])
            if name in _CLOCK:
                found.append((node.lineno, name))
        elif isinstance(node, ast.Call) and not node.args and not node.keywords:
            name = ast.unparse(node.func)
            if name in _CONVERTERS:
                found.append((node.lineno, name))
        elif isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}:
            found.append((node.value.lineno, node.arg))
    return [f"{path}:{line} reads the clock below the door: {name}" for line, name in found]


_MOMENT = re.compile(r"(^|_)(at|now|created|finished)$")
DAYS = "organisations/days.py"


def days_taken_raw(source: str, path: str) -> list[str]:
    """A moment is kept in UTC, where the day is yesterday's until 8 o'clock: ``day_of(at)``."""
    found = []
    for node in _nodes(_tree(source)):
        if not isinstance(node, ast.Call) or node.args or node.keywords:
            continue
        if not isinstance(node.func, ast.Attribute):
            continue
        owner = node.func.value
        if node.func.attr == "today" and _last_name(owner) in {"date", "datetime"}:
            found.append((node.lineno, ast.unparse(node)))
        elif node.func.attr == "date":
            told = owner.func if isinstance(owner, ast.Call) else owner
            by_call = isinstance(owner, ast.Call) and _last_name(told) in {"now", "localtime"}
            by_name = not isinstance(owner, ast.Call) and _MOMENT.search(_last_name(told))
            if by_call or by_name:
                found.append((node.lineno, ast.unparse(node)))
    if path == DAYS:
        return []
    return [f"{path}:{line} take organisations.days.day_of: {words}" for line, words in found]


# --- size ----------------------------------------------------------------------------------------
def too_long(source: str, path: str) -> list[str]:
    lines = source.count("\n")
    if lines <= LONGEST_FILE or "/migrations/" in path:
        return []
    return [f"{path} has {lines} lines, more than {LONGEST_FILE}"]


# --- scope ---------------------------------------------------------------------------------------
def functions(files: dict[str, str]) -> dict[str, set[str]]:
    """Name of every function and class of ours at the top of a module → all names it mentions."""
    found: dict[str, set[str]] = {}
    for source in files.values():
        for node in _tree(source).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.setdefault(node.name, set()).update(mentioned(node))
    return found


def mentioned(tree: ast.AST) -> set[str]:
    nodes = walk(tree)
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return attributes | {node.id for node in nodes if isinstance(node, ast.Name)}


def reaches(names: set[str], wanted: str, known: dict[str, set[str]]) -> bool:
    """Whether ``wanted`` is mentioned by ``names`` or by any function of ours that they lead to."""
    met: set[str] = set()
    ahead = set(names)
    while ahead:
        if wanted in ahead:
            return True
        met |= ahead
        ahead = {n for name in ahead for n in known.get(name, ())} - met
    return False


# --- reading syntax ------------------------------------------------------------------------------
def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
