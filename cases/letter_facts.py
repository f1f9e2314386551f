"""What a letter of the ladder states: its firms, its figures, what was sent before, who signs.

As of the letter's day, in the language that the caller has chosen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import addressing
from cases.annex import AnnexLine, by_firm, rung_of
from cases.models import Case, DraftLine, EscalationDraft, PhoneReminder
from cases.policies import names_of
from cases.rulebook import calendar, pack_of
from cases.stages import CLOSED, DELISTED, WITHDRAWN
from organisations.days import day_of
from organisations.heads import is_head
from organisations.models import Tenure, Unit, User
from organisations.roles import Role
from workflows.packs import Pack

FINISH_WITHIN = 10  # working days from the letter (defaults: 督办函, finished 10–15)
ANSWER_WITHIN = 7  # working days (defaults: 督办函, feedback 7)
MAINLY = 2  # criteria named as where it mostly lies
INNER = str.maketrans("“”", "‘’")  # quotation marks within quotation marks (GB/T 15834)
Kind = EscalationDraft.Kind
BLANK = "____"  # what the letter cannot know; it does not go out with it


@dataclass(frozen=True)
class LetterFacts:
    """What a letter states; every figure as of ``on``."""

    draft: EscalationDraft
    lines: Sequence[AnnexLine]
    on: date
    by: User | None

    @cached_property
    def by_firm(self) -> list[list[AnnexLine]]:
        """Lines of each firm, the latest first: a firm's case and its remedies count once."""
        return by_firm(self.lines)

    @cached_property
    def own(self) -> list[list[AnnexLine]]:
        """Those whose own case is late: only these are 企业 that are late."""
        return [lines for lines in self.by_firm if not lines[0].is_remedy]

    @cached_property
    def remedies(self) -> list[AnnexLine]:
        """Remedies of firms whose own case is not late: said as 整改事项."""
        return [line for lines in self.by_firm if lines[0].is_remedy for line in lines]

    @property
    def firms(self) -> int:
        return len(self.by_firm)

    @cached_property
    def pack(self) -> Pack | None:
        if self.lines:
            return pack_of(self.lines[0].case.pack_version_id)
        newest = self.draft.programme.versions.order_by("-number").first()
        return newest.pack if newest else None

    def phases(self) -> list[tuple[str, int]]:
        """Phases in their order with the firms in each; a firm counts under its latest step."""
        found = Counter(lines[0].phase for lines in self.own)
        order: dict[str, int] = {}
        if self.pack is not None:
            root = self.pack.procedure(self.pack.root_procedure)
            order = {str(phase.title): place for place, phase in enumerate(root.phases)}
        return sorted(found.items(), key=lambda pair: order.get(pair[0], len(order)))

    def mainly(self) -> list[str]:
        """The criteria that most firms lack: one or two, none where they lie level."""
        found: Counter[str] = Counter()
        for lines in self.by_firm:
            found.update({key for line in lines for key in line.keys})
        ranked = found.most_common()
        if self.firms == 1:
            return self._in_order(found)
        for size in (MAINLY, 1):
            if len(ranked) == size or (
                len(ranked) > size and ranked[size - 1][1] > ranked[size][1]
            ):
                return self._in_order(key for key, _n in ranked[:size])
        return []

    def _in_order(self, keys: Iterable[str]) -> list[str]:
        """As the pack names them: 机构、人员、经费、产学研合作."""
        order = [have.key for have in self.pack.haves] if self.pack is not None else []
        return sorted(keys, key=lambda key: order.index(key) if key in order else len(order))

    def days(self) -> int:
        """逾期N个工作日以上 of what the letter counts first."""
        return least_of([line for lines in self.own for line in lines] or self.lines)


def least_of(lines: Sequence[AnnexLine]) -> int:
    """The lowest rung of these lines; the least lateness without a rung."""
    least = [line.days_late for line in lines]
    rungs = [rung.offset for line in lines if (rung := rung_of(line)) and rung.offset > 0]
    return min([*rungs, *least], default=0)


def is_of_head(facts: LetterFacts) -> bool:
    """Whether whoever writes heads the office: nobody else may claim the task force's consent."""
    if facts.by is None:
        return False
    city = facts.draft.programme.city_id
    held = Tenure.objects.on(facts.on).filter(
        user=facts.by, post__unit__kind=Unit.Kind.OFFICE, post__unit__region=city
    )
    return any(is_head(name) for name in held.values_list("post__name", flat=True))


# --- what the sentences name ---------------------------------------------------------------------
def values_of(facts: LetterFacts, many: str = "", one: str = "") -> dict[str, object]:
    """Everything that a letter may name; ``late`` is worded for one firm or for several."""
    draft, day = facts.draft, facts.on
    contact, phone = contact_of(draft, day, facts.by)
    values: dict[str, object] = {
        "unit": addressing.addressee_of(draft),
        "county": draft.county.name if draft.county else draft.unit.name,
        "your": addressing.your(draft.county) if draft.county else "",
        "day": _long(day),
        "today": _long(day),
        "firms": facts.firms,
        "days": facts.days(),
        "before": _before(facts),
        "finish": _long(calendar().add(day, FINISH_WITHIN)),
        "answer": _long(calendar().add(day, ANSWER_WITHIN)),
        "office": facts.pack.units.office.name if facts.pack else "",
        "contact": str(contact or BLANK),
        "phone": phone or BLANK,
        **_standing(draft),
        **_lateness(facts),
    }
    many = many or _("%(firms)d firms are %(days)d working days late or more%(phases)s%(mainly)s")
    one = one or _(
        "1 firm (%(firm)s) is %(late_days)d working days late at the step %(phase)s%(mainly)s"
    )
    return {**values, "late": _late(facts, values, many, one)}


def _late(facts: LetterFacts, values: dict[str, object], many: str, one: str) -> str:
    """Who is late with what: firms are those whose own case is, remedies are counted apart."""
    remedies = {"remedies": len(facts.remedies), "remedial": facts.firms - len(facts.own)}
    known = values | remedies | {"firms": len(facts.own)}
    if facts.own and not facts.remedies:
        return (one if facts.firms == 1 else many) % known
    if facts.own:
        also = _(
            ", and %(remedies)d remedies of %(remedial)d firms are %(days)d working days late or "
            "more"
        ) % (remedies | {"days": least_of(facts.remedies)})
        return many % (known | {"phases": f"{values['phases']}{also}"})
    if facts.firms == 1:
        words = _(
            "%(remedies)d remedies of 1 firm (%(firm)s) are %(days)d working days late or "
            "more%(mainly)s"
        )
    else:
        words = _(
            "%(remedies)d remedies of %(remedial)d firms are %(days)d working days late or "
            "more%(mainly)s"
        )
    return words % known


def _lateness(facts: LetterFacts) -> dict[str, object]:
    phases, keys = facts.phases(), facts.mainly()
    what = names_of(facts.lines[0].case, keys) if keys else ""
    if not facts.lines:
        return {"phases": "", "phase": "", "mainly": "", "firm": "", "late_days": 0}
    spread = ""
    if len(phases) == 1:
        words = (
            _(", all at the step %(phase)s") if len(facts.own) > 1 else _(", at the step %(phase)s")
        )
        spread = words % {"phase": phases[0][0]}
    elif phases:
        parts = [_("%(phase)s %(n)d") % {"phase": p, "n": n} for p, n in phases]
        spread = _(", of them %(phases)s") % {"phases": pgettext("list of names", ", ").join(parts)}
    mainly = ""
    if what and facts.firms == 1:
        mainly = _(", still missing %(what)s") % {"what": what}
    elif what:
        words = _(", mainly %(what)s") if len(keys) == 1 else _(", mainly %(what)s, the two")
        mainly = words % {"what": what}
    return {
        "phases": spread,
        "phase": phases[0][0] if phases else "",
        "mainly": mainly,
        "firm": subject_of(facts.by_firm[0][0].case),
        "late_days": facts.by_firm[0][0].days_late,
    }


def subject_of(case: Case) -> str:
    """The firm by its name, a measure or another matter by its title in quotation marks."""
    if case.enterprise is not None:
        return str(case.enterprise.name)
    return _("“%(title)s”") % {"title": case.title.translate(INNER)}


def _standing(draft: EscalationDraft) -> dict[str, object]:
    """建档、销号、销号率 of the county: the ledger's own figures.

    No distance to the planned line: that line is of coverage in the filing, another truth.
    """
    cases = Case.objects.filter(programme=draft.programme_id, is_main=True, county=draft.county_id)
    listed = cases.exclude(stage__in=(DELISTED, WITHDRAWN)).count()
    closed = cases.filter(stage=CLOSED).count()
    rate = Decimal(100 * closed) / listed if listed else Decimal(0)
    return {
        "listed": listed,
        "closed": closed,
        "rate": str(rate.quantize(Decimal("0.1"), ROUND_HALF_UP)),
    }


def _before(facts: LetterFacts) -> str:
    """What the county had about these items since they were due: the newest of each kind, in the
    order of days."""
    draft, due = facts.draft, {line.item.pk: line.item.due_on for line in facts.lines}

    def is_after(item: int, moment: datetime | None) -> bool:
        """What came before an item's limit was about something else."""
        limit = due.get(item)
        return moment is not None and (limit is None or day_of(moment) > limit)

    found: list[tuple[date, str]] = []
    calls = PhoneReminder.objects.filter(item__in=due).values_list("item_id", "called_at")
    called = [moment for item, moment in calls if moment is not None and is_after(item, moment)]
    if called:
        found.append((day_of(max(called)), _("a call on %(day)s")))
    names = {
        Kind.WORK_NOTE.value: _("a work note on %(day)s"),
        Kind.REMINDER_LETTER.value: _("a reminder letter on %(day)s"),
        Kind.SUPERVISION_LETTER.value: _("a supervision letter on %(day)s"),
    }
    earlier = DraftLine.objects.filter(
        item__in=due,
        gone="",
        draft__county=draft.county_id,
        draft__state=EscalationDraft.State.RELEASED,
        draft__kind__in=names,
    ).order_by("draft__decided_at")
    newest: dict[str, date] = {}
    for item, kind, moment in earlier.values_list("item_id", "draft__kind", "draft__decided_at"):
        if moment is not None and is_after(item, moment):
            newest[kind] = day_of(moment)
    found += [(newest[kind], words) for kind, words in names.items() if kind in newest]
    if not found:
        return ""
    found.sort(key=lambda one: one[0])
    said = [words % {"day": _short(day, facts.on)} for day, words in found]
    joined = pgettext("list of names", ", ").join(said)
    return _(" The office has sent: %(what)s.") % {"what": joined}


def contact_of(draft: EscalationDraft, on: date, by: User | None) -> tuple[User | None, str]:
    """Whom the addressee calls, and by which number ("" where none is known): the office's handler
    of the day, else whoever writes."""
    city = draft.programme.city_id
    held = Tenure.objects.on(on).filter(
        post__unit__kind=Unit.Kind.OFFICE, post__unit__region=city, post__role=Role.OFFICE
    )
    tenure = held.filter(post__receives_work=True).select_related("user", "post__unit").first()
    person = tenure.user if tenure else by
    unit_phone = tenure.post.unit.phone if tenure else ""
    return person, (person.phone if person else "") or unit_phone


def _long(day: date) -> str:
    return dateformat.format(day, pgettext("date format", "j M Y"))


def _short(day: date, on: date) -> str:
    """8月21日; with its year where that is another one."""
    if day.year != on.year:
        return _long(day)
    return dateformat.format(day, pgettext("date format", "j M"))
