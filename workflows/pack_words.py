"""What is wrong with the types of a pack, in plain words."""

from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from workflows.pack_source import Finding, Source


def findings_of(error: ValidationError, source: Source) -> list[Finding]:
    """pydantic's errors with their lines, each line once per reason."""
    found = (_finding(item, source) for item in error.errors(include_url=False))
    return list(dict.fromkeys(found))


def _finding(item: Any, source: Source) -> Finding:
    name = next((str(part) for part in reversed(item["loc"]) if isinstance(part, str)), "")
    return Finding(source.line(item["loc"]), "field", _words(item, name))


def _words(item: Any, name: str) -> str:
    value = str(item.get("input"))[:60]
    if item["type"] == "missing":
        return _("“%(name)s” is missing.") % {"name": name}
    if item["type"] == "extra_forbidden":
        return _("“%(name)s” is not known here; see the spelling.") % {"name": name}
    if item["type"] == "literal_error":
        return _("“%(name)s” cannot be “%(value)s”; possible: %(expected)s.") % {
            "name": name,
            "value": value,
            "expected": item["ctx"]["expected"],
        }
    words = {"name": name, "value": value, "kind": _kind(item["type"])}
    if item["type"] == "value_error":
        words["detail"] = str(item["ctx"]["error"])
        return _("“%(name)s” cannot be “%(value)s”: %(detail)s.") % words
    return _("“%(name)s” cannot be “%(value)s”; it should be %(kind)s.") % words


def _kind(error: str) -> str:
    """What pydantic wanted, by the first part of its error's name."""
    kinds = {
        "int": _("a whole number"),
        "decimal": _("a number"),
        "date": _("a date such as 2022-03-31"),
        "bool": _("“true” or “false”"),
        "string": _("text"),
        "tuple": _("a list"),
        "dict": _("a list of “name: value”"),
        "model": _("a list of “name: value”"),
    }
    return kinds.get(error.partition("_")[0], _("something else"))
