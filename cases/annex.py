"""附件 of a letter: which lines still hold on a day, which have fallen out and why.

A draft is judged anew whenever it is looked at: between drafting and release firms move on. A
released letter shows its list as it went out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext, pgettext

from cases.models import Case, DraftLine, EscalationDraft, RungFired, WorkItem
from cases.policies import names_of
from cases.row_words import lack_of
from cases.rulebook import calendar, is_classed, pack_of
from cases.stages import CLOSED, DELISTED
from organisations.days import day_of
from organisations.models import Region, Unit
from organisations.scope import Actor
from workflows.ladder import Rung

State = EscalationDraft.State
OF_DEPARTMENT = "department"
Kind = EscalationDraft.Kind
# letters to a county, the lowest first. A talk is proposed to somebody else, a department is
# nobody's county.
RANKS: tuple[str, ...] = (Kind.WORK_NOTE, Kind.REMINDER_LETTER, Kind.SUPERVISION_LETTER)


@dataclass(frozen=True)
class AnnexLine:
    """One line of 逾期事项清单; ``sent`` holds the values with which it went out."""

    case: Case
    item: WorkItem
    days_late: int
    reminded: int
    rung: str = ""
    sent: Mapping[str, Any] = field(default_factory=dict)

    @property
    def firm_key(self) -> object:
        return self.case.enterprise_id or f"case-{self.case.pk}"

    @property
    def is_remedy(self) -> bool:
        return bool(self.case.criterion)

    @property
    def keys(self) -> list[str]:
        """The criteria that this line is about."""
        return [self.case.criterion] if self.case.criterion else list(self.case.lacking)

    @property
    def phase(self) -> str:
        return str(self.sent.get("phase") or phase_title(self.case, self.item.stage))

    @property
    def lacking(self) -> str:
        """The criteria; where none is known to lack, what the ledger says of the case."""
        words = str(self.sent.get("lacking") or names_of(self.case, self.keys))
        if words or is_classed(self.case):
            return words or lack_of(self.case, self.item)
        return pgettext("annex", "to be surveyed")

    @property
    def names_criteria(self) -> bool:
        """Whether ``lacking`` names criteria; letters of old did not keep which."""
        return bool(self.sent.get("names", True) if self.sent else self.keys)

    @property
    def due_on(self) -> date | None:
        sent = self.sent.get("due_on")
        return date.fromisoformat(sent) if sent else self.item.due_on

    @property
    def unit(self) -> str:
        unit = self.item.unit
        return str(self.sent.get("unit") or unit.short_name or unit.name)

    @property
    def firm(self) -> str:
        return self.case.enterprise.name if self.case.enterprise else self.case.title

    def frozen(self) -> dict[str, Any]:
        """What is kept of it when the letter goes out; the words in the letter's language."""
        return {
            "phase": self.phase,
            "lacking": self.lacking,
            "names": self.names_criteria,
            "due_on": self.item.due_on.isoformat() if self.item.due_on else "",
            "unit": self.unit,
            "late": self.days_late,
            "reminded": self.reminded,
        }


@dataclass(frozen=True)
class Counted:
    """What a list of late lines counts: firms whose own case is late, and beside them the remedies
    of firms whose case is not. A remedy is no firm: 工作台账 and 督查督办 count them apart."""

    firms: int
    remedial: int  # firms of which remedies alone are late
    remedies: int

    def words(self) -> str:
        """“3家”, “2家企业的3项整改事项”, or both."""
        own = npgettext("late", "%(n)d firm", "%(n)d firms", self.firms) % {"n": self.firms}
        if not self.remedies:
            return own
        values = {"n": self.remedies, "firms": self.remedial}
        if not self.firms:
            return _("%(n)d remedies of %(firms)d firms") % values
        return own + _(", and %(n)d remedies of %(firms)d firms") % values


def counted(rows: Iterable[tuple[object, bool]]) -> Counted:
    """From (firm, whether the line is a remedy)."""
    known = list(rows)
    own = {firm for firm, is_remedy in known if not is_remedy}
    others = [firm for firm, is_remedy in known if is_remedy and firm not in own]
    return Counted(len(own), len(set(others)), len(others))


@dataclass(frozen=True)
class Annex:
    """The lines that hold and those that fell out (with the code of the reason)."""

    lines: Sequence[AnnexLine] = ()
    gone: Sequence[tuple[AnnexLine, str]] = ()

    @property
    def seal(self) -> str:
        """Changes whenever the list does: a page tells by it what its reader has seen."""
        ids = ",".join(str(pk) for pk in sorted(line.item.pk for line in self.lines))
        return sha256(ids.encode()).hexdigest()[:16]

    @property
    def counted(self) -> Counted:
        return counted((line.firm_key, line.is_remedy) for line in self.lines)

    def gone_words(self) -> str:
        """“2家已转入下一环节，1家已暂缓办理”; nothing where all still hold."""
        firms: dict[str, set[object]] = {}
        for line, code in self.gone:
            if not line.is_remedy:
                firms.setdefault(code, set()).add(line.firm_key)
        parts = [_gone_part(code, len(found)) for code, found in firms.items()]
        if remedies := sum(line.is_remedy for line, _code in self.gone):
            words = ngettext(
                "%(n)d remedy stands no longer here",
                "%(n)d remedies stand no longer here",
                remedies,
            )
            parts.append(words % {"n": remedies})
        return pgettext("between two parts of a sentence", ", ").join(parts)


def by_firm(lines: Iterable[AnnexLine]) -> list[list[AnnexLine]]:
    """As the letter counts: a firm's own case first, its remedies behind; the latest firm first."""
    firms: dict[object, list[AnnexLine]] = {}
    for line in lines:
        firms.setdefault(line.firm_key, []).append(line)
    return [sorted(found, key=lambda line: line.is_remedy) for found in firms.values()]


def lacking_of(lines: Sequence[AnnexLine]) -> str:
    """尚缺事项 of a firm's row; a remedy's criterion says more than that its case lacks none."""
    comma = pgettext("list of names", ", ")
    named = [line for line in lines if line.names_criteria] or lines
    return comma.join(dict.fromkeys(word for one in named for word in one.lacking.split(comma)))


def step_of(lines: Sequence[AnnexLine]) -> str:
    """当前环节 of a firm's row; where its remedies alone are late, how many."""
    if not lines[0].is_remedy:
        return lines[0].phase
    return _("Remedies: %(n)d") % {"n": len(lines)}


def annex(draft: EscalationDraft, actor: Actor, on: date) -> list[AnnexLine]:
    """The lines that hold, of the cases that the actor may see; the latest first."""
    return list(annex_of(draft, actor, on).lines)


def annex_of(draft: EscalationDraft, actor: Actor, on: date) -> Annex:
    """The annex as it is to be read on a day: four statements."""
    return judged(draft, rows_of(draft, actor), on)


def rows_of(draft: EscalationDraft, actor: Actor) -> list[DraftLine]:
    """The draft's lines with all that is printed of them."""
    return list(_related(draft.lines.filter(item__process__in=Case.objects.visible_to(actor))))


def _related(rows: QuerySet[DraftLine]) -> QuerySet[DraftLine]:
    return rows.select_related(
        "item__unit",
        "item__process__enterprise",
        "item__process__township",
        "item__process__programme",
        "item__process__county",
        "item__process__responsible_unit__region__parent",
    )


def judged(draft: EscalationDraft, rows: Sequence[DraftLine], on: date) -> Annex:
    """What holds of ``rows``: judged while the draft waits, as decided afterwards."""
    if draft.decided_at is not None:
        on = day_of(draft.decided_at)
    items = [row.item for row in rows]
    reminded, highest = _reminded(items), _highest_of(draft, items)
    lines: list[AnnexLine] = []
    gone: list[tuple[AnnexLine, str]] = []
    for row in rows:
        line = _line(row, reminded, on)
        code = row.gone
        if draft.state == State.DRAFTED:
            code = why_gone(draft, line, on) or ("climbed" if row.item_id in highest else "")
        if code:
            gone.append((line, code))
        else:
            lines.append(line)
    return Annex(sorted(lines, key=_latest_first), sorted(gone, key=lambda g: _latest_first(g[0])))


def _highest_of(draft: EscalationDraft, items: Iterable[WorkItem]) -> set[int]:
    """Items that stand in a higher letter to the same county: each only in that of its rung."""
    if draft.state != State.DRAFTED or draft.county_id is None or draft.kind not in RANKS:
        return set()
    own = RANKS.index(draft.kind)
    found = ranks_of([item.pk for item in items])
    return {i for (i, county), rank in found.items() if county == draft.county_id and rank > own}


def ranks_of(items: Iterable[int]) -> dict[tuple[int, int], int]:
    """(item, county) → the highest letter, waiting or gone out, in which it stands; one
    statement."""
    rows = DraftLine.objects.filter(
        item__in=list(items),
        gone="",
        draft__state__in=(State.DRAFTED, State.RELEASED),
        draft__kind__in=RANKS,
        draft__county__isnull=False,
    ).values_list("item_id", "draft__county_id", "draft__kind")
    found: dict[tuple[int, int], int] = {}
    for item, county, kind in rows:
        assert county is not None
        found[item, county] = max(found.get((item, county), 0), RANKS.index(kind))
    return found


def _latest_first(line: AnnexLine) -> tuple[int, int]:
    return -line.days_late, line.case.pk


def _line(row: DraftLine, reminded: Mapping[Any, int], on: date) -> AnnexLine:
    item, sent = row.item, row.sent
    late = calendar().between(item.due_on, on) if item.due_on else 0
    return AnnexLine(
        item.process,
        item,
        int(sent.get("late", max(late, 0))),
        int(sent.get("reminded", reminded.get(item.pk, 0))),
        row.rung,
        sent,
    )


def _reminded(items: Iterable[WorkItem]) -> Counter[Any]:
    spoken = RungFired.objects.filter(item__in=list(items), spoke=True)
    return Counter(spoken.values_list("item_id", flat=True))


def why_gone(draft: EscalationDraft, line: AnnexLine, on: date) -> str:
    """Why a line of a waiting draft no longer holds; "" while it does."""
    case, item = line.case, line.item
    if case.is_finished:
        return {CLOSED: "closed", DELISTED: "delisted"}.get(case.stage, "ended")
    if item.finished is not None:
        return "moved_on"
    if item.is_suspended:
        return "suspended"
    if item.is_declined:
        return "contested"
    if not item.is_chased:
        return "watched"
    if draft.addressee == OF_DEPARTMENT or draft.county_id is None:
        if case.competent_unit_id != draft.unit_id:
            return "reassigned"
    elif county_of(case.responsible_unit, case.county).pk != draft.county_id:
        return "reassigned"
    return "" if _is_late_enough(line, on) else "new_date"


def _is_late_enough(line: AnnexLine, on: date) -> bool:
    """Whether the rung that drafted it would still be reached on the day."""
    due_on = line.item.due_on
    if due_on is None or due_on >= on:
        return False
    rung = rung_of(line)
    return rung is None or rung.anchor != "due" or line.days_late >= rung.offset


def rung_of(line: AnnexLine) -> Rung | None:
    """The rung of the pack that put the line there."""
    pack = pack_of(line.case.pack_version_id)
    procedure = pack.procedure(line.case.procedure)
    stage = procedure.stage(line.item.stage) if procedure.has(line.item.stage) else None
    ladder = pack.ladder(stage.ladder) if stage is not None and stage.ladder else None
    if ladder is None or ladder.counting != "working_days":
        return None
    return next((rung for rung in ladder.rungs if rung.key == line.rung), None)


def county_of(unit: Unit, otherwise: Region) -> Region:
    """The county that a unit works for; needs ``region__parent``."""
    region = unit.region
    if region.level == Region.Level.TOWNSHIP and region.parent is not None:
        return region.parent
    return region if region.level == Region.Level.COUNTY else otherwise


def phase_title(case: Case, stage: str) -> str:
    procedure = pack_of(case.pack_version_id).procedure(case.procedure)
    if not procedure.has(stage):
        return ""
    return str(procedure.phase(procedure.stage(stage).phase).title)


def _gone_part(code: str, n: int) -> str:
    words = {
        "closed": ngettext("%(n)d firm was closed", "%(n)d firms were closed", n),
        "delisted": ngettext("%(n)d firm left the register", "%(n)d firms left the register", n),
        "ended": ngettext("%(n)d firm's case ended", "%(n)d firms' cases ended", n),
        "moved_on": ngettext("%(n)d firm went on a step", "%(n)d firms went on a step", n),
        "suspended": ngettext("%(n)d firm was suspended", "%(n)d firms were suspended", n),
        "contested": ngettext(
            "a reassignment was asked for %(n)d firm", "a reassignment was asked for %(n)d firms", n
        ),
        "watched": ngettext("%(n)d firm is only watched", "%(n)d firms are only watched", n),
        "reassigned": ngettext("%(n)d firm was reassigned", "%(n)d firms were reassigned", n),
        "climbed": ngettext(
            "%(n)d firm stands in a higher letter", "%(n)d firms stand in a higher letter", n
        ),
        "new_date": ngettext("%(n)d firm has a new date", "%(n)d firms have a new date", n),
    }
    return words.get(code, code) % {"n": n}
