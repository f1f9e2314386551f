"""政策找人: which listed firms a policy is meant for, as data (002-12)."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import field_validator

from workflows.assignment import expanded, fold_industry, fold_ownership
from workflows.text import Rule

SEPARATORS = re.compile(r"[\s,，、;；]+")


class FirmRule(Rule):
    """Firms fit when every part that is given does: the county, the industry (prefixes of GB/T
    4754 codes, ranges allowed), the registration type, facts of the filing that they have, and
    facts that they lack. Nothing given: every listed firm.
    """

    counties: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    ownership: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()

    @field_validator("industries", mode="before")
    @classmethod
    def _ranges(cls, value: object) -> object:
        return expanded(value)

    def fits(
        self, *, county: str, industry: str, ownership: str, facts: Mapping[str, bool]
    ) -> bool:
        code = fold_industry(industry)
        return (
            (not self.counties or county in self.counties)
            and (not self.industries or any(code.startswith(p) for p in self.industries))
            and (
                not self.ownership
                or fold_ownership(ownership) in {fold_ownership(o) for o in self.ownership}
            )
            and all(facts.get(name, False) for name in self.has)
            and not any(facts.get(name, False) for name in self.lacks)
        )


class FirmFields(Rule):
    """Which fields of the opening form say the same, for what a person opens."""

    counties: str | None = None
    industries: str | None = None
    has: str | None = None
    lacks: str | None = None

    @property
    def named(self) -> tuple[str, ...]:
        return tuple(filter(None, self.model_dump().values()))

    def rule(self, answers: Mapping[str, Any]) -> FirmRule:
        """The rule that a filled form gives; an empty answer leaves that part open."""
        given = {part: answers.get(key) for part, key in self.model_dump().items() if key}
        return FirmRule(**{part: _listed(value) for part, value in given.items() if value})


def _listed(value: Any) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(str(item) for item in value)
    return tuple(part for part in SEPARATORS.split(str(value)) if part)
