"""The table docs/mechanisms.md: where each mechanism of the papers lives and which test shows it.

``python -m tests.mechanisms`` writes it anew from the citations in packs, code and tests
(``# 004-25``); what each asks for, and why one has no test, stands in docs/mechanisms.yaml.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.architecture import ROOT, sources, walk
from tests.plain import loaded

LISTED = ROOT / "docs/mechanisms.yaml"
TABLE = ROOT / "docs/mechanisms.md"
PACKS = ROOT / "workflows/programmes"
PAPERS = {
    "000": "Henan, bulletin no. 14 of 2023",
    "001": "Luoyang, measures of 2022",
    "002": "Sanmenxia, reply of 2022 to a proposal",
    "003": "Puyang, report of 2019",
    "004": "Jincheng, plan of 2020",
}
ID = re.compile(r"(?<![\d-])(00[0-4])-(\d\d)(?!\d)(?:…(\d\d)(?!\d))?")
# another paper's mechanism that a line is only modelled on
MODEL = re.compile(r"\bas 00[0-4]-\d\d(?:…\d\d)?(?:, 00[0-4]-\d\d(?:…\d\d)?)*")
HEAD = """# Where the mechanisms live

The five papers describe {count} mechanisms. Each has an id (paper, number) that packs, code and
tests cite. This table is made of those citations: `.venv/bin/python -m tests.mechanisms`; a test
fails when it is stale, or when a mechanism has neither a test nor a reason. What a line of a pack
only takes as its model ("as 001-13") is not counted.
"""
COLUMNS = "| id | asks for | packs | code | tests |\n|---|---|---|---|---|"


@dataclass
class Mechanism:
    """One line of the table."""

    key: str
    asks: str
    reason: str = ""
    packs: set[str] = field(default_factory=set)
    code: set[str] = field(default_factory=set)
    tests: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def ids(text: str) -> Iterator[str]:
    """Every id that a text cites; ``001-01…06`` is six of them."""
    for paper, first, last in ID.findall(MODEL.sub("", text)):
        for number in range(int(first), int(last or first) + 1):
            yield f"{paper}-{number:02d}"


@cache
def listed() -> dict[str, Any]:
    """What each mechanism asks for, by id."""
    found: dict[str, Any] = loaded(LISTED.read_text("utf-8"))
    return found


@cache
def mechanisms() -> dict[str, Mechanism]:
    found = {key: Mechanism(key, **entry) for key, entry in listed().items()}
    for file in sorted(PACKS.glob("*.yaml")):
        for line in file.read_text("utf-8").splitlines():
            for key in _known(line.partition("#")[2], found):
                found[key].packs.add(file.stem)
    for path, source in sources():
        for key in _known(source, found):
            found[key].code.add(path)
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        path = file.relative_to(ROOT / "tests").as_posix()
        for key, name in cited(file.read_text("utf-8")):
            if key in found:
                found[key].tests[path].add(name)
    return found


def _known(text: str, found: dict[str, Mechanism]) -> set[str]:
    return {key for key in ids(text) if key in found}


def cited(source: str) -> Iterator[tuple[str, str]]:
    """(id, test) for what tests cite; what stands outside of them belongs to the whole file."""
    lines = source.splitlines()
    owner = [""] * len(lines)
    for node in walk(ast.parse(source)) if any(ids(source)) else ():
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            assert node.end_lineno is not None
            owner[first - 1 : node.end_lineno] = [node.name] * (node.end_lineno - first + 1)
    for name, line in zip(owner, lines, strict=True):
        for key in ids(line):
            yield key, name


def table() -> str:
    found = mechanisms()
    parts = [HEAD.format(count=len(found))]
    for paper, title in PAPERS.items():
        rows = [one for one in found.values() if one.key.startswith(paper)]
        parts.append(f"\n## {paper} {title}\n\n{COLUMNS}")
        parts += [_row(one) for one in rows]
    return "\n".join(parts) + "\n"


def _row(one: Mechanism) -> str:
    tests = "<br>".join(_tests(path, names) for path, names in sorted(one.tests.items()))
    shown = "<br>".join(filter(None, [tests, f"*{one.reason}*" if one.reason else ""]))
    cells = [
        one.key,
        one.asks.replace("|", "/"),
        ", ".join(sorted(one.packs)) or "–",
        "<br>".join(sorted(one.code)) or "–",
        shown or "–",
    ]
    return f"| {' | '.join(cells)} |"


def _tests(path: str, names: set[str]) -> str:
    return f"{path}: {', '.join(sorted(names - {''}))}" if names - {""} else path


def main() -> None:
    TABLE.write_text(table(), "utf-8")


if __name__ == "__main__":
    main()
