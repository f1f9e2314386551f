"""Every indicator with its definition (口径), in the order in which pages and files print them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from organisations.rounding import half_up
from reports.figures.tally import Tally


@dataclass(frozen=True)
class Indicator:
    """``says``: what it counts; of a rate in per cent ``part`` over ``whole``, else one count."""

    key: str
    label: str | Promise
    says: str | Promise
    part: str
    whole: str = ""

    def exact(self, tally: Tally) -> Fraction | None:
        """A count, or per cent; None where there is nothing to be a part of."""
        if not self.whole:
            return Fraction(tally.counts[self.part])
        whole = tally.counts[self.whole]
        return Fraction(100 * tally.counts[self.part], whole) if whole else None

    def value(self, tally: Tally) -> int | Decimal | None:
        """As printed: half-up on the exact fraction, one decimal for rates."""
        if not self.whole:
            return tally.counts[self.part]
        exact = self.exact(tally)
        return None if exact is None else half_up(exact)


# figures of the ledger: by county they count where the case lies, those of the filing where the
# register counts the firm
LEDGER = ("opened", "running", "closed", "closing_rate", "overdue", "overdue_long", "on_time_rate",
          "lacks_one")  # fmt: skip
WHERE = _(
    "By county, figures of the filing count a firm where the register lists it, those of the ledger"
    " where its case lies; these differ where one county runs another's park."
)

# what no firm's row says
BESIDES: tuple[tuple[str, str | Promise, str | Promise], ...] = (
    (
        "stages",
        _("Stages"),
        _(
            "Open cases that stand in each stage on the day; working days that those which left it"
            " by then spent there, on average."
        ),
    ),
    (
        "needs",
        _("Needs collected, matched"),
        _(
            "Needs opened by the day and not taken back; behind them those of which a meeting led"
            " to an agreement or an intention, or that were carried out."
        ),
    ),
    (
        "measures",
        _("Measures done"),
        _(
            "Measures of the plan that were closed on the day, of all that the plan names; by"
            " department with each that leads them. A measure of the whole city belongs to no"
            " county, zone, liaison group or industry."
        ),
    ),
    (
        "spending_growth",
        _("Growth of R&D spending"),
        _(
            "The newest spending of the year against that of the same month a year earlier, of"
            " firms on the register for which both are kept; never of fewer than three. A frozen"
            " day keeps what it said."
        ),
    ),
)

INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        "listed",
        _("Base"),
        _(
            "Firms that the rates of the filing are a part of: those on the statistics bureau's "
            "register on the day, or of the year's assessment base where the plan says so."
        ),
        "listed",
    ),
    Indicator(
        "current",
        _("On the register"),
        _("Firms on the statistics bureau's register on the day, whatever their production."),
        "current",
    ),
    Indicator(
        "assessed",
        _("Assessment base"),
        _(
            "Firms of the year's base that are still on the register: entrants are left out until"
            " the year's end, leavers from their day."
        ),
        "assessed",
    ),
    Indicator(
        "entered",
        _("New on the register"),
        _("Firms on the register that came after the year's base was fixed."),
        "entered",
    ),
    Indicator(
        "entered_covered",
        _("New and covered"),
        _("Of the firms new on the register those with R&D."),
        "entered_covered",
    ),
    Indicator(
        "registered", _("Registered"), _("Firms registered in the provincial system."), "registered"
    ),
    Indicator(
        "registration_rate",
        _("Registration rate"),
        _("Registered firms ÷ base."),
        "registered",
        "listed",
    ),
    Indicator("filed", _("Filed"), _("Firms that have filed in the provincial system."), "filed"),
    Indicator(
        "filing_rate", _("Filing rate"), _("Firms that have filed ÷ base."), "filed", "listed"
    ),
    Indicator(
        "with_rd",
        _("With R&D"),
        _("Firms covered as the plan defines it, by the newest state of the filing."),
        "with_rd",
    ),
    Indicator("coverage_rate", _("Coverage rate"), _("Covered firms ÷ base."), "with_rd", "listed"),
    Indicator(
        "has_institution_rate",
        _("With an R&D body"),
        _("Firms with an R&D institution ÷ base."),
        "has_institution",
        "listed",
    ),
    Indicator(
        "has_staff_rate",
        _("With R&D staff"),
        _("Firms with R&D staff ÷ base."),
        "has_staff",
        "listed",
    ),
    Indicator(
        "has_spending_rate",
        _("With R&D spending"),
        _("Firms with R&D spending ÷ base."),
        "has_spending",
        "listed",
    ),
    Indicator(
        "has_cooperation_rate",
        _("With research cooperation"),
        _("Firms with research cooperation ÷ base."),
        "has_cooperation",
        "listed",
    ),
    Indicator(
        "four_haves",
        _("All four"),
        _("Firms that have all four; stricter than coverage."),
        "four_haves",
    ),
    Indicator(
        "four_haves_rate",
        _("Four Haves rate"),
        _("Firms that have all four ÷ base."),
        "four_haves",
        "listed",
    ),
    Indicator(
        "first_time",
        _("First-time R&D firms"),
        _(
            "Covered firms that did no R&D before: so said at their closing, else none in the "
            "filing of earlier years."
        ),
        "first_time",
    ),
    Indicator(
        "opened",
        _("Opened"),
        _(
            "Firms' own cases in the ledger, without those that left the register or were opened "
            "by mistake."
        ),
        "opened",
    ),
    Indicator(
        "running", _("Open"), _("Firms' own cases that have not ended on the day."), "running"
    ),
    Indicator(
        "closed",
        _("Closed in all"),
        _(
            "Cases whose closing the city has confirmed by the day; reopened ones are no longer "
            "among them."
        ),
        "closed",
    ),
    Indicator(
        "closing_rate",
        _("Closing rate"),
        _("Closed ÷ opened; another truth than the filing, never added to it."),
        "closed",
        "opened",
    ),
    Indicator(
        "overdue",
        _("Overdue"),
        _(
            "Open cases past the day that held then; suspended ones, watched ones and those that "
            "wait for a higher level are not counted."
        ),
        "overdue",
    ),
    Indicator(
        "overdue_long",
        _("Overdue by 10 working days"),
        _("Of the overdue cases those late by 10 working days or more."),
        "overdue_long",
    ),
    Indicator(
        "on_time_rate",
        _("On-time rate"),
        _(
            "Closed cases of which the county left no step late ÷ closed cases; judged on the day"
            " of the county's review."
        ),
        "closed_in_time",
        "closed",
    ),
    Indicator(
        "lacks_one",
        _("Only one missing"),
        _(
            "Open cases that lack one item to their closing; known of today, and of a frozen month"
            " as it was on the day of the freeze, of no other past day."
        ),
        "lacks_one",
    ),
)
# numbers that stand beside the indicators and open a list of their firms too
ASIDE: tuple[Indicator, ...] = (
    Indicator(
        "delisted",
        _("Left the register"),
        _("Firms' own cases that ended because the firm left the register; in no base."),
        "delisted",
    ),
)
BY_KEY: Mapping[str, Indicator] = {one.key: one for one in (*INDICATORS, *ASIDE)}
# counted where the case lies
OF_CASES = frozenset({*LEDGER, *(one.key for one in ASIDE)})
