"""YAML with line numbers: plain data, and the line of every key and item."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import yaml
from django.utils.translation import gettext as _

from workflows.calendar import add_months, end_of_month

Path = tuple[str | int, ...]

LONGEST = 1_000_000  # characters; the packs that ship have about 40,000
DEEPEST = 30
# The day on which a pack with relative dates is judged while it is not issued yet.
NOMINAL_ISSUE_DAY = date(2026, 9, 15)
RELATIVE = re.compile(r"(?:(start_of|end_of) )?issued(?: ([+-]) (\d+) months?)?")
_VALUE = re.compile(rf"(?<=: ){RELATIVE.pattern}(?=\s*(?:#.*)?$|[,}}\]])", re.MULTILINE)
UNITS_OF_TEXT = "tag:yaml.org,2002:"


class Finding(NamedTuple):
    """One fault of a pack: its line (1 = first; 0 = the file as a whole), a code, plain words."""

    line: int
    code: str
    message: str


class Misplaced(ValueError):
    """A fault that a check of the whole finds at one place of it: ``below`` its own path."""

    def __init__(self, words: str, below: Path) -> None:
        super().__init__(words)
        self.below = below


class PackError(Exception):
    """A pack that cannot be used; `findings` in the order of lines."""

    def __init__(self, findings: Sequence[Finding], source: str = "") -> None:
        self.findings = tuple(sorted(findings))
        self.source = source
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        return [
            _("%(source)s line %(line)d: %(message)s")
            % {"source": self.source, "line": line, "message": message}
            for line, _code, message in self.findings
        ]


class Source(NamedTuple):
    """Data of a YAML text and the line of each path in it."""

    data: Any
    known: dict[Path, int]

    def line(self, path: Path) -> int:
        """The line of a path, or of its nearest ancestor that the text has."""
        while path and path not in self.known:
            path = path[:-1]
        return self.known.get(path, 1)


def dated(text: str, issued_on: date) -> str:
    """A pack's text with the days that count from its issue written out."""
    return _VALUE.sub(lambda match: _day_of(match, issued_on).isoformat(), text)


def _day_of(match: re.Match[str], issued_on: date) -> date:
    edge, sign, months = match.groups()
    day = add_months(issued_on, int(f"{sign or '+'}{months or 0}"))
    if edge is None:
        return day
    return day.replace(day=1) if edge == "start_of" else end_of_month(day)


def load(text: str, source: str = "", *, issued_on: date | None = None) -> Source:
    """Read a pack's text. Dates such as `end_of issued + 3 months` count from `issued_on`."""
    if len(text) > LONGEST:
        raise PackError([Finding(0, "too_long", _("The file is too long for a pack."))], source)
    try:
        node = _composed(text)
    except yaml.YAMLError as error:
        raise PackError([_syntax(error)], source) from None
    reader = _Reader(issued_on or NOMINAL_ISSUE_DAY)
    data = reader.read(node, ()) if node else None
    if reader.findings:
        raise PackError(reader.findings, source)
    if not isinstance(data, dict):
        raise PackError([Finding(1, "yaml", _("A pack is a list of “name: value”."))], source)
    return Source(data, reader.lines)


def _syntax(error: yaml.YAMLError) -> Finding:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    words = _("This line cannot be read as YAML: %(problem)s") % {"problem": _plainly(problem)}
    return Finding(mark.line + 1 if mark else 1, "yaml", words)


def _plainly(problem: str) -> str:
    """The reader's own words for what people do wrong most often."""
    known = {
        "'\\t'": _("it begins with a tab; indent with blanks."),
        "mapping values are not allowed": _(
            "a colon inside a text, or a wrong indentation; put such a text in quotes."
        ),
        "expected ':'": _("a name without a colon; write “name: value”."),
        "expected ','": _("a bracket or brace is not closed, or a comma is missing."),
        "<block end>": _("it is not indented like its neighbours."),
        "end of stream": _("a quotation mark is not closed."),
        "cannot start any token": _("this character cannot begin a text; put the text in quotes."),
    }
    return next((words for part, words in known.items() if part in problem), problem)


def _composed(text: str) -> yaml.Node | None:
    """libyaml where PyYAML brings it, six times as fast; its faults are told by the plain reader,
    whose words and lines are the same everywhere."""
    fast = getattr(yaml, "CSafeLoader", None)
    if fast is not None:
        try:
            return yaml.compose(text, Loader=fast)
        except yaml.YAMLError:
            pass
    return yaml.compose(text, Loader=yaml.SafeLoader)


class _Reader:
    """Builds data out of nodes and notes lines, duplicate keys and aliases."""

    def __init__(self, issued_on: date) -> None:
        self.issued_on = issued_on
        self.lines: dict[Path, int] = {}
        self.findings: list[Finding] = []
        self._seen: set[int] = set()
        self._scalars = yaml.constructor.SafeConstructor()

    def read(self, node: Any, path: Path) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if id(node) in self._seen or len(path) > DEEPEST:
            words = _("References (& and *) and very deep nesting are not allowed in a pack.")
            self.findings.append(Finding(line, "alias", words))
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*path, place)) for place, item in enumerate(node.value)]
        return self._scalar(node, line)

    def _mapping(self, node: Any, path: Path) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = self._scalar(key_node, line)
            if isinstance(key, bool) or not isinstance(key, (str, int)):
                key = str(key_node.value)  # `on`, `no` and dates are names here
            if key in found:
                words = _("“%(key)s” is given twice.") % {"key": key}
                self.findings.append(Finding(line, "twice", words))
            self.lines[(*path, key)] = line
            found[key] = self.read(value_node, (*path, key))
        return found

    def _scalar(self, node: Any, line: int) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            self.findings.append(Finding(line, "yaml", _("A name must be a single word here.")))
            return ""
        if node.tag == UNITS_OF_TEXT + "str":
            return self._relative(node.value)
        if not node.tag.startswith(UNITS_OF_TEXT):
            words = _("“%(tag)s” is not allowed in a pack.") % {"tag": node.tag}
            self.findings.append(Finding(line, "yaml", words))
            return None
        try:
            return self._scalars.construct_object(node)
        except (ValueError, yaml.YAMLError):
            words = _("“%(value)s” is no date or number.") % {"value": node.value}
            self.findings.append(Finding(line, "yaml", words))
            return None

    def _relative(self, value: str) -> Any:
        match = RELATIVE.fullmatch(value)
        return value if match is None else _day_of(match, self.issued_on)
