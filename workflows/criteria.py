"""Closing criteria and coverage: all / any / at least n, nestable. Data of a pack (004-25)."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from django.utils.translation import gettext as _
from pydantic import model_validator

from workflows.text import Rule


class Criteria(Rule):
    """`{all: [a, b]}`, `{any: [a, b]}`, `{at_least: 2, of: [a, b, c]}`; items may nest."""

    kind: Literal["all", "any", "at_least"]
    items: tuple["str | Criteria", ...]
    n: int = 0

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"kind": "all", "items": [value]}
        if not isinstance(value, dict) or "kind" in value:
            return value
        if set(value) == {"at_least", "of"}:
            return {"kind": "at_least", "n": value["at_least"], "items": value["of"]}
        if set(value) in ({"all"}, {"any"}):
            [(kind, items)] = value.items()
            return {"kind": kind, "items": items}
        raise ValueError(_("a rule is “all”, “any”, or “at_least” with “of”"))

    @model_validator(mode="after")
    def _can_be_met(self) -> "Criteria":
        if not self.items or (self.kind == "at_least" and not 0 < self.n <= len(self.items)):
            raise ValueError(_("a rule must name criteria, and as many as it asks for"))
        return self

    def named(self) -> tuple[str, ...]:
        """Every criterion named, in order, once."""
        return tuple(dict.fromkeys(_walk(self)))

    def renamed(self, old: str, new: str) -> "Criteria":
        """The same rule with one criterion named otherwise (`own` → the child's have)."""
        items = tuple(
            (new if item == old else item) if isinstance(item, str) else item.renamed(old, new)
            for item in self.items
        )
        return self.model_copy(update={"items": items})


def satisfied(criteria: Criteria, met: Mapping[str, bool]) -> bool:
    count = sum(_is_met(item, met) for item in criteria.items)
    return count >= _needed(criteria)


def unmet(criteria: Criteria, met: Mapping[str, bool]) -> list[str]:
    """Keys that still lack, in the pack's order; empty exactly when `satisfied`.

    For `any` and `at_least` these are the candidates of which enough must follow.
    """
    if satisfied(criteria, met):
        return []
    missing: list[str] = []
    for item in criteria.items:
        if isinstance(item, str):
            missing += [] if met.get(item, False) else [item]
        else:
            missing += unmet(item, met)
    return list(dict.fromkeys(missing))


def covered(covered_when: Criteria, facts: Mapping[str, bool]) -> bool:
    """Whether the newest monthly facts cover a firm; a firm without facts is not covered."""
    return satisfied(covered_when, facts)


def _is_met(item: str | Criteria, met: Mapping[str, bool]) -> bool:
    return bool(met.get(item, False)) if isinstance(item, str) else satisfied(item, met)


def _needed(criteria: Criteria) -> int:
    return {"all": len(criteria.items), "any": 1, "at_least": criteria.n}[criteria.kind]


def _walk(criteria: Criteria) -> Iterator[str]:
    for item in criteria.items:
        if isinstance(item, str):
            yield item
        else:
            yield from _walk(item)
