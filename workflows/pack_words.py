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
    return _("“%(name)s” cannot be “%(value)s” (%(detail)s).") % {
        "name": name,
        "value": value,
        "detail": item["msg"].removeprefix("Value error, "),
    }
