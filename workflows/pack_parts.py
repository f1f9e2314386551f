"""The small parts of a pack: counties, units, criteria with what proves them, reasons, columns."""

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field as ModelField
from pydantic import model_validator

from workflows.text import Rule, Text

# columns of the lists that are read in: the register, the filing, the running ledger
ListColumn = Literal[
    "name", "credit_code", "county", "township", "industry_code", "industry_name", "ownership",
    "revenue", "contact", "phone", "condition", "listed", "registered", "filed", "has_institution",
    "has_staff", "has_spending", "has_cooperation", "spending", "stage", "grade", "closed_on",
    "due_on", "remark",
]  # fmt: skip
# the columns of the filing that say what a firm has
HAVE_FACTS = ("has_institution", "has_staff", "has_spending", "has_cooperation")


class Named(Rule):
    """A place or a body: its name is data, as the office writes it, in every language (ADR 13)."""

    @model_validator(mode="before")
    @classmethod
    def _as_the_office_writes_it(cls, value: Any) -> Any:
        # plans that were issued earlier gave an English name, which nothing ever showed
        if isinstance(value, dict):
            return {key: said for key, said in value.items() if key != "en"}
        return value


class CountyPlan(Named):
    """A county of the city; `code` (GB/T 2260) is optional, `targets` in per cent by year."""

    name: str
    aliases: tuple[str, ...] = ()
    code: str | None = None
    zone: str
    liaison_group: str | None = None
    targets: dict[int, Decimal] = ModelField(default_factory=dict)


class UnitPlan(Named):
    """A unit to be set up; other parts of the pack name it by its short name.

    For the county's units both names hold `{county}`. `mark` is the body's own in the numbers of
    its letters (机关代字: 洛研专办 in 洛研专办函〔2022〕6号).
    """

    short_name: str
    name: str
    mark: str = ""

    def of(self, county: str) -> "UnitPlan":
        """The unit of one county."""
        names = {key: value.format(county=county) for key, value in self.model_dump().items()}
        return UnitPlan(**names)


class Units(Rule):
    """The units of the city. Those of the counties are made once a county, their names hold
    `{county}`; `guide_unit` is the department that guides firms with R&D (001-25)."""

    office: UnitPlan
    guide_unit: str
    departments: tuple[UnitPlan, ...]
    supervision: UnitPlan | None = None
    leadership: UnitPlan | None = None
    county_unit: UnitPlan
    county_bureau: UnitPlan | None = None
    liaison_groups: tuple[UnitPlan, ...] = ()


class Have(Rule):
    """A closing criterion (one of the Four Haves); `fact` is the column of the monthly facts that
    says so, left out where only papers can show it."""

    key: str
    label: Text
    fact: str | None = None
    needs_partner: bool = False


class Paper(Rule):
    """A paper that proves a criterion, as the upload page names it."""

    key: str
    label: Text


class EvidencePlan(Rule):
    """What proves a criterion: one of the main papers; supporting ones are optional.

    `next_year`: whether a paper still counts for a case that is carried over (年终结转): it is
    `kept` until changed, kept `until_expiry` of the agreement, or the matter is proved `anew`.
    `remind_days` before a paper's last day whoever has the case is told.
    """

    criterion: str
    main: tuple[Paper, ...]
    supporting: tuple[Paper, ...] = ()
    acceptable_when: Text
    usually_returned: Text
    valid_for: Text | None = None
    next_year: Literal["kept", "until_expiry", "anew"] = "anew"
    remind_days: int = ModelField(default=60, ge=0, le=366)

    @property
    def papers(self) -> tuple[Paper, ...]:
        return self.main + self.supporting


class ReturnReason(Rule):
    """A reason for sending a paper back; `on_reopening`: the one that the papers get with which a
    closing falls (核减销号)."""

    number: int
    label: Text
    on_reopening: bool = False
