"""Which modules write SQL by hand, and which the list of docs/adr/0068 allows to."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests import architecture as rules

LIST = "docs/adr/0068-where-sql-is-written-by-hand.md"
# words of SQL in a text, as it stands in our statements: in capitals
_WORDS = re.compile(
    r"\b(SELECT|INSERT INTO|DELETE FROM|UPDATE|COPY|PRAGMA|JOIN|UNION|WHERE|FROM|VALUES|RETURNING"
    r"|ANY|COALESCE|EXISTS|ANALYZE|VACUUM|TRUNCATE|DROP|CREATE|ALTER|WITH|AND|NOT|NULL|SET)"
    r"\b(?=\s+[^\s=]|\s*\(|\s*$)|^(BEGIN|COMMIT)$|::[a-z]+\b|\bjsonb?_\w+\(|\bpg_\w+\(|@>|\) AS "
)
# whoever calls one of these sends a text of somebody's
_SENT_BY = {"cursor", "planned_cursor", "executemany", "RawSQL", "raw", "extra"}
# … and whoever defines one puts it into the ORM's
_PUT_BY = {"as_sql", "as_sqlite", "as_postgresql"}
# a module without any of these has nothing to look at
_TRACES = (
    *("SELECT", "INSERT", "DELETE", "UPDATE", "COPY", "PRAGMA", "JOIN", "WHERE", "FROM", "NULL"),
    *("ANALYZE", "VACUUM", "TRUNCATE", "DROP", "CREATE", "ALTER", '"COMMIT"', "::", "json", "@>"),
    *("cursor(", "executemany(", "RawSQL(", ".raw(", ".extra(", "def as_", "%(expr"),
)
# recognises statements of others, and says none
NO_SQL = {"config/demo/courtesy.py"}


def by_hand(source: str, path: str) -> list[str]:
    """What a module of ours says to the database in words of its own."""
    if "/migrations/" in path or path in NO_SQL:
        return []
    if not any(trace in source for trace in _TRACES):
        return []
    nodes = rules.nodes_of(source)
    explained = {
        id(node.value)
        for node in nodes
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        f"{path}:{getattr(node, 'lineno', 0)} {what}"
        for node in nodes
        if id(node) not in explained and (what := _said(node))
    ]


def _said(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value[:60] if _WORDS.search(node.value) else ""
    if isinstance(node, ast.Call):
        named = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return f"{named}()" if named in _SENT_BY else ""
    if isinstance(node, ast.FunctionDef):
        return node.name if node.name in _PUT_BY else ""
    if isinstance(node, ast.keyword):
        # of an expression of the ORM; a page's is no constant of %(…)s
        told = getattr(node.value, "value", "")
        return "template=" if node.arg == "template" and "%(expr" in str(told) else ""
    return ""


def listed() -> dict[str, list[str]]:
    """Module → the other cells of its line in the list."""
    lines = (rules.ROOT / LIST).read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line.startswith("| `")]
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
    return {
        name: cells for first, *cells in rows for name in re.findall(r"`(\w[\w/]*\.py)`", first)
    }


def named(cells: list[str]) -> list[Path]:
    """The decisions and tests that a line of the list names."""
    numbers = re.findall(r"\d+", cells[-2])
    files = [found for n in numbers for found in (rules.ROOT / "docs/adr").glob(f"{int(n):04}-*")]
    tests = [rules.ROOT / "tests" / name for name in re.findall(r"`(\w[\w/]*\.py)`", cells[-1])]
    if len(files) != len(numbers):
        tests.append(rules.ROOT / f"docs/adr/{cells[-2]}")
    return files + tests
