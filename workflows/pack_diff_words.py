"""A difference between two packs as a sentence: 时限由“15个工作日内”改为“12个工作日内”."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from workflows.criteria import Criteria
from workflows.deadlines import Phrase, Span
from workflows.ladder import QuietSeason, Rung
from workflows.pack_diff_apart import apart, renamed
from workflows.pack_model import Pack
from workflows.papers import Goal
from workflows.procedure import CLOSED, Move, Spawn, TimeLimit
from workflows.text import Rule, Text, localised

DOT = " · "
SHOWN = 60  # characters of a value
PLAIN = ("count", "amount", "rank")  # kinds of goals that are no percentages
HEADING = re.compile(r"【(.+?)】|([^:：]{2,30})[:：]")
# fields whose values are codes of the product
CODED = ("owner", "closer", "audience", "by")
# single values by their field
LABELS: dict[str, Promise] = {
    "title": gettext_lazy("the title"),
    "label": gettext_lazy("the name"),
    "name": gettext_lazy("the name"),
    "short_name": gettext_lazy("the short name"),
    "mark": gettext_lazy("the mark in the numbers of letters"),
    "state_label": gettext_lazy("the name in the ledger"),
    "firm_label": gettext_lazy("the name that firms read"),
    "owner": gettext_lazy("who owes it"),
    "closer": gettext_lazy("who confirms a closing"),
    "phrase": gettext_lazy("the time limit"),
    "time": gettext_lazy("the time limit"),
    "form": gettext_lazy("the form"),
    "ladder": gettext_lazy("the ladder"),
    "phase": gettext_lazy("the phase"),
    "initial": gettext_lazy("the first stage"),
    "reopens_at": gettext_lazy("the stage of a reopened case"),
    "closes_when": gettext_lazy("the closing criteria"),
    "covered_when": gettext_lazy("the rule of coverage"),
    "waits_for": gettext_lazy("what it waits for"),
    "waits_higher": gettext_lazy("waiting for a higher level"),
    "quiet_season": gettext_lazy("resting in the quiet season"),
    "grades": gettext_lazy("the classes"),
    "offset": gettext_lazy("the day"),
    "audience": gettext_lazy("who is told"),
    "required": gettext_lazy("compulsory"),
    "unit": gettext_lazy("the competent department"),
    "industry": gettext_lazy("the industries"),
    "ownership": gettext_lazy("the registration types"),
    "aliases": gettext_lazy("the aliases"),
    "zone": gettext_lazy("the zone"),
    "liaison_group": gettext_lazy("the liaison group"),
    "city_target": gettext_lazy("the city's target"),
    "targets": gettext_lazy("the target"),
    "planned_line": gettext_lazy("the planned line"),
    "increments": gettext_lazy("what a month must gain"),
    "base": gettext_lazy("what a rate is a part of"),
    "base_on": gettext_lazy("the day of the year's base"),
    "work_from": gettext_lazy("the first day of work"),
    "work_until": gettext_lazy("the last day of work"),
    "verified_by": gettext_lazy("the day of the annual report"),
    "statistical_year": gettext_lazy("the statistical year"),
    "fact": gettext_lazy("the fact of the filing"),
    "chased": gettext_lazy("being chased"),
    "texts": gettext_lazy("the text"),
    "guide_unit": gettext_lazy("the guiding department"),
    "root_procedure": gettext_lazy("the main procedure"),
    "city": gettext_lazy("the city"),
    "city_code": gettext_lazy("the city's code"),
    "code": gettext_lazy("the region code"),
    "about": gettext_lazy("what its cases are about"),
    "act": gettext_lazy("what the rung does"),
    "addressee": gettext_lazy("to whom the letter goes"),
    "anchor": gettext_lazy("from what it counts"),
    "release": gettext_lazy("who releases it"),
    "draft_kind": gettext_lazy("the kind of letter"),
    "digest_only": gettext_lazy("only in the digest"),
    "at_once": gettext_lazy("sent at once"),
    "once_per": gettext_lazy("how often at most"),
    "requires": gettext_lazy("the rung before it"),
    "min_budget": gettext_lazy("the least time limit"),
    "counting": gettext_lazy("what days count"),
    "text": gettext_lazy("the text"),
    "hint": gettext_lazy("the hint"),
    "kind": gettext_lazy("the kind"),
    "prefilled": gettext_lazy("what is filled in"),
    "read_only": gettext_lazy("read only"),
    "required_when": gettext_lazy("when it is compulsory"),
    "shown_when": gettext_lazy("when it is shown"),
    "section": gettext_lazy("the section"),
    "max_length": gettext_lazy("the greatest length"),
    "least": gettext_lazy("the least value"),
    "most": gettext_lazy("the greatest value"),
    "min_rows": gettext_lazy("the least rows"),
    "not_future": gettext_lazy("not in the future"),
    "not_before": gettext_lazy("not before"),
    "since_opening": gettext_lazy("not before the opening"),
    "within_work": gettext_lazy("not after the plan's work"),
    "within_months": gettext_lazy("at most so many months ahead"),
    "decimals": gettext_lazy("the places behind the point"),
    "compute": gettext_lazy("how it is reckoned"),
    "role": gettext_lazy("what it is to the product"),
    "includes": gettext_lazy("the forms included"),
    "outcome": gettext_lazy("what the rows must come to"),
    "acceptable_when": gettext_lazy("when it is acceptable"),
    "usually_returned": gettext_lazy("what is usually returned"),
    "valid_for": gettext_lazy("how long it is valid"),
    "remind_days": gettext_lazy("how many days before its end it is reminded of"),
    "needs_partner": gettext_lazy("needing a partner"),
    "meaning": gettext_lazy("the meaning"),
    "likely_when": gettext_lazy("the class that a filing makes likely"),
    "on_reopening": gettext_lazy("whether a reopening gives it"),
    "to": gettext_lazy("where it leads"),
    "verb": gettext_lazy("the verb"),
    "procedure": gettext_lazy("the procedure"),
    "wants": gettext_lazy("for what"),
    "for_": gettext_lazy("for what"),
    "when": gettext_lazy("when"),
    "opens": gettext_lazy("how its cases begin"),
    "letters": gettext_lazy("with which letters"),
    "call_back": gettext_lazy("asking the firm back"),
    "title_from": gettext_lazy("what names a case"),
    "closed_label": gettext_lazy("what a closed case is called"),
    "without": gettext_lazy("verbs that it does not know"),
    "wording": gettext_lazy("words of the interface"),
    "most_a_year": gettext_lazy("visits a year"),
    "days_apart": gettext_lazy("days between visits"),
    "visits": gettext_lazy("visits"),
    "at_most_a_month": gettext_lazy("how many a month at most"),
    "per_missing": gettext_lazy("once for each missing item"),
    "office": gettext_lazy("the city office"),
    "leadership": gettext_lazy("the leadership"),
    "supervision": gettext_lazy("the supervision office"),
    "county_unit": gettext_lazy("the counties' unit"),
    "county_bureau": gettext_lazy("the counties' bureau"),
    "responsible": gettext_lazy("who is responsible"),
    "leads": gettext_lazy("who leads"),
    "industries": gettext_lazy("the industries"),
    "has": gettext_lazy("what the firm has"),
    "lacks": gettext_lazy("what the firm lacks"),
    "from_": gettext_lazy("the first day"),
    "until": gettext_lazy("the last day"),
    "units": gettext_lazy("the units"),
    "unit_classes": gettext_lazy("the units of the class"),
    "target": gettext_lazy("the target"),
    "told": gettext_lazy("what was reached"),
    "start": gettext_lazy("where it began"),
    "tier": gettext_lazy("the tier"),
    "assessed": gettext_lazy("counting in the assessment"),
    "number": gettext_lazy("the number"),
    "issued_on": gettext_lazy("the day of issue"),
    "sent_to": gettext_lazy("to whom it is sent"),
    "copies_to": gettext_lazy("who gets a copy"),
    "needs": gettext_lazy("what must be there first"),
    "steps": gettext_lazy("the steps"),
    "value": gettext_lazy("the value"),
    "was": gettext_lazy("what it was"),
    "since": gettext_lazy("since when"),
}
# items of lists by their field
KINDS: dict[str, Promise] = {
    "procedures": gettext_lazy("procedure"),
    "graph": gettext_lazy("stage"),
    "phases": gettext_lazy("phase"),
    "moves": gettext_lazy("move"),
    "time": gettext_lazy("time limit"),
    "spawns": gettext_lazy("child case"),
    "ladders": gettext_lazy("ladder"),
    "rungs": gettext_lazy("rung"),
    "forms": gettext_lazy("form"),
    "fields": gettext_lazy("field"),
    "columns": gettext_lazy("column"),
    "choices": gettext_lazy("answer"),
    "haves": gettext_lazy("criterion"),
    "grades": gettext_lazy("class"),
    "evidence": gettext_lazy("proof of"),
    "main": gettext_lazy("main paper"),
    "supporting": gettext_lazy("supporting paper"),
    "counties": gettext_lazy("county"),
    "zones": gettext_lazy("zone"),
    "targets": gettext_lazy("target of"),
    "departments": gettext_lazy("department"),
    "liaison_groups": gettext_lazy("liaison group"),
    "assignment": gettext_lazy("rule"),
    "groups": gettext_lazy("group rule"),
    "quiet_seasons": gettext_lazy("quiet season"),
    "letters_rest": gettext_lazy("quiet period of letters"),
    "return_reasons": gettext_lazy("reason of return"),
    "texts": gettext_lazy("text"),
    "planned_line": gettext_lazy("month of the planned line"),
    "increments": gettext_lazy("monthly gain of"),
    "measures": gettext_lazy("measure of the plan"),
    "opens": gettext_lazy("way of beginning"),
    "papers": gettext_lazy("document"),
    "campaign": gettext_lazy("phase of the campaign"),
    "goals": gettext_lazy("goal"),
    "indicators": gettext_lazy("indicator of the assessment"),
    "policies": gettext_lazy("policy"),
    "unit_classes": gettext_lazy("class of units"),
    "gives": gettext_lazy("figure of the policy"),
}
CODES: dict[str, Promise] = {
    "county": gettext_lazy("county"),
    "county_lead": gettext_lazy("county lead"),
    "township": gettext_lazy("township"),
    "department": gettext_lazy("department"),
    "department_lead": gettext_lazy("department lead"),
    "liaison_group": gettext_lazy("liaison group"),
    "office": gettext_lazy("city office"),
    "handler": gettext_lazy("handler"),
    "responsible": gettext_lazy("unit responsible"),
    "responsible_lead": gettext_lazy("lead of the unit responsible"),
    "lead": gettext_lazy("leading unit"),
    "unit": gettext_lazy("whoever owes the step, or the head of his unit"),
    "supervisor": gettext_lazy("supervision office"),
    "leader": gettext_lazy("city leaders"),
    "firm": gettext_lazy("the firm itself"),
}


class Item(NamedTuple):
    """A step into a list or a mapping: the list's field, what names the item, the item itself."""

    field: str
    name: Any
    value: Any


class Raw(NamedTuple):
    """A difference as found: the steps that lead to it and both values (None: not there)."""

    path: tuple[Any, ...]
    old: Any
    new: Any


class Words:
    """Words for the differences of two packs; keys are told by the titles that the packs give."""

    def __init__(self, old: Pack, new: Pack) -> None:
        before, after = _titles(old), _titles(new)
        self._titles = {**after, **before}
        # a key that was renamed: its title alone would not tell the two apart
        self._renamed = renamed(before, after)
        for key, title in self._renamed.items():
            self._titles[key] = _("%(name)s (%(key)s)") % {"name": title, "key": key}
        texts = {**new.texts, **old.texts}
        found = {key: HEADING.match(localised(text)) for key, text in texts.items()}
        self._headings = {key: match[1] or match[2] for key, match in found.items() if match}

    def of(self, raw: Raw) -> tuple[str, str]:
        """Where, and what."""
        last = raw.path[-1]
        items = [step for step in raw.path if isinstance(step, Item)]
        if isinstance(last, Item) and (raw.old is None or raw.new is None):
            return self._where(items[:-1]), self._appeared(last, raw.new is not None)
        return self._where(items), self._became(raw, items)

    def _where(self, items: Iterable[Item]) -> str:
        return DOT.join(filter(None, map(self._title, items)))

    def _appeared(self, item: Item, is_new: bool) -> str:
        names = {"kind": KINDS.get(item.field, item.field), "name": self._title(item)}
        detail = self._detail(item.value)
        words = _("new %(kind)s “%(name)s”") if is_new else _("no more %(kind)s “%(name)s”")
        return words % names + (_(": %(detail)s") % {"detail": detail} if detail else "")

    def _became(self, raw: Raw, items: Sequence[Item]) -> str:
        last = raw.path[-1]
        field = last.field if isinstance(last, Item) else str(last)
        label: str | Promise = LABELS.get(field, field)
        if field == "unit" and items[0].field == "forms":
            label = _("the unit of measure")
        shown = self._code if field in CODED else self._shown
        if any(isinstance(item.value, Goal) and item.value.kind in PLAIN for item in items):
            shown = _figure
        names = {"label": label, "old": shown(raw.old), "new": shown(raw.new)}
        if names["old"] == names["new"]:
            found = apart(raw.old, raw.new, shown)
            names |= {"old": _short(found[0]), "new": _short(found[1])}
        if not names["old"]:
            return _("%(label)s is now “%(new)s”") % names
        if not names["new"]:
            return _("no more %(label)s (it was “%(old)s”)") % names
        return _("%(label)s: “%(old)s” becomes “%(new)s”") % names

    def _code(self, value: Any) -> str:
        """Owners and audiences, which are the same in every city."""
        values = value if isinstance(value, tuple) else (value,)
        return _listed(str(CODES.get(one, one)) for one in values if one)

    def _title(self, item: Item) -> str:
        value = item.value
        if isinstance(value, Rung):
            return localised(value.title) or self._headings.get(value.text, value.key)
        if isinstance(value, Move):
            return localised(value.label) + _classes(value.grades)
        if isinstance(value, TimeLimit):
            return self._shown(value.have) + _classes(value.grades)
        if isinstance(value, Spawn):
            return self._shown(value.procedure) + _classes(value.grades)
        if isinstance(value, QuietSeason):
            return f"{localised(value.title)} {self._shown(value)}".strip()
        if item.field == "evidence":
            return self._shown(item.name)
        text = getattr(value, "title", None) or getattr(value, "label", None)
        if text and item.name in self._renamed:
            return self._shown(item.name)
        return localised(text) if text else self._shown(item.name)

    def _detail(self, value: Any) -> str:
        """What an item says that came or went."""
        if isinstance(value, TimeLimit):
            return value.phrase.words()
        if isinstance(value, Move):
            return f"→ {self._shown(value.to)}"
        if isinstance(value, Rung):
            return f"{value.offset:+d}"
        if isinstance(value, (Text, str, int, Decimal)):
            return self._shown(value)
        return ""

    def _shown(self, value: Any) -> str:
        if value is None or value == ():
            return ""
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, Text):
            return _short(localised(value))
        if isinstance(value, Phrase):
            return value.words()
        if isinstance(value, Criteria):
            return self._criteria(value)
        if isinstance(value, QuietSeason):
            return "–".join(f"{m:02d}-{d:02d}" for m, d in (value.from_, value.until))
        if isinstance(value, (tuple, list)):
            return _short(_listed(self._shown(item) for item in value))
        if isinstance(value, (Rule, Span)):
            name = getattr(value, "name", "") or getattr(value, "title", "")
            return _short(str(name or value))
        if isinstance(value, Decimal):
            return f"{value:f}%"
        text = str(value)
        return _short(self._titles.get(text) or str(CODES.get(text, text)))

    def _criteria(self, rule: Criteria) -> str:
        named = _listed(self._shown(item) for item in rule.items)
        if rule.kind == "all" and len(rule.items) == 1:
            return named
        words = {
            "all": _("all of: %(names)s"),
            "any": _("any of: %(names)s"),
            "at_least": _("at least %(n)d of: %(names)s"),
        }[rule.kind]
        return words % {"names": named, "n": rule.n}


def _titles(pack: Pack) -> dict[str, str]:
    """Titles by key: haves, forms, ladders, phases, stages, procedures."""
    found = {have.key: localised(have.label) for have in pack.haves}
    found |= {have.fact: localised(have.label) for have in pack.haves if have.fact}
    found |= {key: localised(form.title) for key, form in pack.forms.items()}
    found |= {key: localised(row.title) for key, row in pack.ladders.items() if row.title}
    found |= {key: localised(zone) for key, zone in pack.zones.items()}
    for key, procedure in pack.procedures.items():
        found |= {phase.key: localised(phase.title) for phase in procedure.phases}
        found |= {stage.key: localised(stage.title) for stage in procedure.stages}
        found[key] = localised(procedure.title)
    return found | {CLOSED: _("Closed")}


def _figure(value: Any) -> str:
    """A count or an amount is no percentage."""
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _classes(grades: Iterable[str] | None) -> str:
    names = "/".join(grades or ())
    return _(" (class %(names)s)") % {"names": names} if names else ""


def _listed(names: Iterable[str]) -> str:
    return pgettext("list of names", ", ").join(names)


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
