"""What is wrong with a pack, in plain words, with the word that was probably meant."""

from collections import Counter
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel, ValidationError

from workflows.pack_model import Pack
from workflows.pack_source import Finding, Source

# names of our own that no pack writes
UNWRITTEN = ("phrase", "items", "str", "Criteria")


BOUNDS = {
    "greater_than": gettext_lazy("more than %(n)s"),
    "greater_than_equal": gettext_lazy("at least %(n)s"),
    "less_than": gettext_lazy("less than %(n)s"),
    "less_than_equal": gettext_lazy("at most %(n)s"),
}


def findings_of(error: ValidationError, source: Source) -> list[Finding]:
    """pydantic's errors with their lines, each line once per reason."""
    items = error.errors(include_url=False)
    ways = Counter(item["loc"][:-1] for item in items)
    # of something nested that could be a word as well, only what is wrong with it is told
    told = (item for item in items if item["loc"][-1:] != ("str",) or ways[item["loc"][:-1]] < 2)
    return list(dict.fromkeys(_finding(item, source) for item in told))


def unknown(line: int, code: str, name: str, known: Iterable[str] = ()) -> Finding:
    """A name that the pack does not define; ``known``: those that it might have meant."""
    words = _("“%(name)s” is not defined in this pack.") % {"name": name}
    return Finding(line, code, words + meant(name, known))


def meant(name: str, known: Iterable[str]) -> str:
    """“ Did you mean …?”, or nothing where no name comes near."""
    near = get_close_matches(name, [word for word in known if word != name], n=1)
    return _(" Did you mean “%(name)s”?") % {"name": near[0]} if near else ""


def _finding(item: Any, source: Source) -> Finding:
    where = item["loc"][:-2] if item["loc"][-1:] == ("[key]",) else item["loc"]
    parts = (part for part in reversed(where) if isinstance(part, str))
    # brackets: a part that the checker named for itself (function-after[…])
    name = next((part for part in parts if part not in UNWRITTEN and "[" not in part), "")
    below = getattr(item.get("ctx", {}).get("error"), "below", ())
    return Finding(source.line((*item["loc"], *below)), "field", _words(item, name))


def _words(item: Any, name: str) -> str:
    value = str(item.get("input"))[:60]
    if item["type"] == "missing":
        return _("“%(name)s” is missing.") % {"name": name}
    if item["type"] == "extra_forbidden":
        said = _("“%(name)s” is not known here; see the spelling.") % {"name": name}
        return said + meant(name, names_at(item["loc"][:-1]))
    if item["type"] == "literal_error":
        said = _("“%(name)s” cannot be “%(value)s”; possible: %(expected)s.") % {
            "name": name,
            "value": value,
            "expected": item["ctx"]["expected"].replace(" or ", _(" or ")),
        }
        return said + meant(value, item["ctx"]["expected"].split("'"))
    if item["type"] in BOUNDS:
        said = BOUNDS[item["type"]] % {"n": next(iter(item["ctx"].values()))}
        words = {"name": name, "value": value, "detail": said}
        return _("“%(name)s” cannot be “%(value)s”: %(detail)s.") % words
    words = {"name": name, "value": value, "kind": _kind(item["type"])}
    if item["type"] == "value_error":
        words["detail"] = str(item["ctx"]["error"])
        if isinstance(item["input"], dict):
            words["name"] = item["input"].get("key", name)
            return _("“%(name)s”: %(detail)s.") % words
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


# --- which names a place of the pack knows --------------------------------------------------------
def names_at(path: Iterable[Any]) -> list[str]:
    """The names that may stand at a path of a pack, as a pack writes them."""
    kinds: list[Any] = [Pack]
    for part in path:
        kinds = [inner for kind in kinds for inner in _below(kind, part)]
    return [
        field.alias or name
        for kind in kinds
        if _is_model(kind)
        for name, field in kind.model_fields.items()
    ]


def _below(kind: Any, part: Any) -> list[Any]:
    """The types that may stand below a part of the path."""
    if _is_model(kind):
        fields = kind.model_fields
        found = fields.get(part) or next((f for f in fields.values() if f.alias == part), None)
        return _open(found.annotation) if found else [kind]
    if get_origin(kind) in (tuple, list):
        return _open(get_args(kind)[0])
    if get_origin(kind) in (dict, Mapping):
        return _open(get_args(kind)[1])
    return []


def _open(kind: Any) -> list[Any]:
    if get_origin(kind) in (Union, UnionType):
        return [inner for one in get_args(kind) for inner in _open(one)]
    if get_origin(kind) is Annotated:
        return _open(get_args(kind)[0])
    return [] if get_origin(kind) is Literal else [kind]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
