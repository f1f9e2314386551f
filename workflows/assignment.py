"""Which department a firm belongs to: ownership, longest industry prefix, catch-all (001-24)."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _
from pydantic import field_validator

from workflows.text import Rule, Text, localised

RANGE = re.compile(r"(\d{2,4})\s*[-–~]\s*(\d{2,4})")


class AssignmentRule(Rule):
    """One line of the map. A rule without ownership and industry is the catch-all.

    `ownership` lists registration types (登记注册类型) as the register prints them;
    `industry` lists prefixes of GB/T 4754 codes, ranges such as `301-303` allowed;
    `unit` is the short name of a unit of the pack; `label` is what the case page says.
    """

    key: str
    unit: str
    label: Text
    ownership: tuple[str, ...] = ()
    industry: tuple[str, ...] = ()

    @field_validator("industry", mode="before")
    @classmethod
    def _ranges(cls, value: object) -> object:
        return expanded(value)

    @field_validator("ownership", mode="after")
    @classmethod
    def _fold(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(fold_ownership(item) for item in value)

    @property
    def is_catch_all(self) -> bool:
        return not self.ownership and not self.industry


class Assignment(NamedTuple):
    """The competent unit's short name, the rule's key, and the rule in words."""

    unit: str
    rule_key: str
    words: str


def assign(rules: Sequence[AssignmentRule], *, ownership: str, industry: str) -> Assignment:
    """First rule that fits: ownership, then the longest industry prefix, then the catch-all.

    Raises LookupError where the pack has no catch-all (the pack check refuses such a pack).
    """
    rule = _by_ownership(rules, ownership) or _by_industry(rules, industry) or _catch_all(rules)
    if rule is None:
        raise LookupError("no assignment rule fits and the pack has no catch-all")
    return Assignment(rule.unit, rule.key, in_words(rule))


def in_words(rule: AssignmentRule) -> str:
    return _("Rule: %(what)s → %(unit)s") % {"what": localised(rule.label), "unit": rule.unit}


def fold_ownership(value: str) -> str:
    """Full width, blanks and a leading code are folded: `１５１ 国有独资公司` → `国有独资公司`."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", value)).lstrip("0123456789.、")


def fold_industry(value: str) -> str:
    """Digits of a code: `C3011` and `3011.0` → `3011`; anything else → empty."""
    folded = unicodedata.normalize("NFKC", value).strip()
    match = re.fullmatch(r"[A-Za-z]?\s*(\d{2,4})(?:\.0+)?", folded)
    return match[1] if match else ""


def _by_ownership(rules: Sequence[AssignmentRule], ownership: str) -> AssignmentRule | None:
    folded = fold_ownership(ownership)
    return next((rule for rule in rules if folded in rule.ownership), None)


def _by_industry(rules: Sequence[AssignmentRule], industry: str) -> AssignmentRule | None:
    code = fold_industry(industry)
    fitting = [
        (len(prefix), -place, rule)
        for place, rule in enumerate(rules)
        if not rule.ownership
        for prefix in rule.industry
        if code.startswith(prefix)
    ]
    return max(fitting, key=lambda found: found[:2])[2] if fitting else None


def _catch_all(rules: Sequence[AssignmentRule]) -> AssignmentRule | None:
    return next((rule for rule in rules if rule.is_catch_all), None)


def expanded(value: object) -> object:
    """A list of prefixes with its ranges written out; anything else is left to the types."""
    if not isinstance(value, (list, tuple)):
        return value
    return tuple(prefix for item in value for prefix in _expand(str(item)))


def _expand(item: str) -> Iterator[str]:
    match = RANGE.fullmatch(item.strip())
    if match is None:
        yield item.strip()
        return
    low, high = match.groups()
    if len(low) != len(high) or low > high:
        raise ValueError(_("the range “%(range)s” runs backwards") % {"range": item})
    yield from (str(code).zfill(len(low)) for code in range(int(low), int(high) + 1))
