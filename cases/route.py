"""今日路线: the firms that somebody calls at on a day, and those that it would be well to call at.

Suggested is what he owes and what is late or due within three working days, grouped by township
or park, so that one way serves several.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from cases.columns import Reader, Row
from cases.models import Case, RouteStop, Visit
from cases.outdoors import VISITING, visitable
from cases.promised import Promise, promised_to
from cases.workbench import Desk, phones
from enterprises.models import Membership
from enterprises.permissions import acting
from organisations.scope import Actor

SUGGESTED = 40
PRESSING = ("overdue", "soon")


@dataclass(frozen=True)
class Stop:
    """A firm as the route prints it; ``row`` is its most pressing case, if any is open."""

    firm: int
    name: str
    code: str
    address: str
    county: str
    township: str
    contact: str
    phone: str
    row: Row | None
    is_visited: bool
    # 约定联系: by which day, if one was agreed
    promised: str = ""

    @property
    def area(self) -> str:
        return self.township or self.county

    @property
    def light(self) -> dict[str, str] | None:
        return self.row.light_dict if self.row else None


class Route:
    """One actor's route of one day; a fixed number of statements."""

    def __init__(self, actor: Actor, on: date, today: date) -> None:
        self.actor, self.on, self.today = actor, on, today

    @cached_property
    def planned(self) -> list[int]:
        """Firms in the order by hand, as they were put in; one statement."""
        if self.actor.user is None:
            return []
        rows = RouteStop.objects.filter(user=self.actor.user, on=self.on)
        return list(rows.order_by("place", "pk").values_list("enterprise_id", flat=True))

    @cached_property
    def chosen(self) -> list[int]:
        """Those that are the actor's to visit still: a firm may be reassigned meanwhile."""
        mine = visitable(self.actor, self.planned)
        return [pk for pk in self.planned if pk in mine]

    @property
    def gone(self) -> int:
        """How many firms have left his area since; the next change of the route drops them."""
        return len(self.planned) - len(self.chosen)

    @cached_property
    def stops(self) -> list[Stop]:
        return [self._stop(pk) for pk in self.chosen if pk in self._listed]

    @cached_property
    def suggested(self) -> list[tuple[str, list[Stop]]]:
        """(county · township or park, its firms by urgency); first those that wait to hear."""
        open_ = [pk for pk in self._listed if pk not in self.chosen]
        promised = [self._stop(pk) for pk in self._promised if pk in open_]
        pressing = [
            pk
            for pk, row in self._owed.items()
            if row.light.kind in PRESSING and pk in open_ and pk not in self._promised
        ]
        found = sorted(
            (self._stop(pk) for pk in pressing), key=lambda stop: (stop.county, stop.township)
        )
        several = len({stop.county for stop in found}) > 1
        first = [(_("Agreed to be in touch"), promised)] if promised else []
        return first + [
            (" ".join(filter(None, [county if several or not town else "", town])), list(stops))
            for (county, town), stops in groupby(found, lambda stop: (stop.county, stop.township))
        ]

    @property
    def beyond(self) -> str:
        """Which list of the ledger holds what is pressing too and not suggested; "" if all is."""
        query, cases = self._cases
        last = cases[SUGGESTED - 1] if len(cases) > SUGGESTED else None
        if last is None or not last.enterprise_id:
            return query if last else ""
        return query if self._owed[last.firm_id].light.kind in PRESSING else ""

    def with_all(self) -> list[int]:
        """The route with everything that is suggested, however long."""
        return [*self.chosen, *(stop.firm for _area, stops in self.suggested for stop in stops)]

    def put_in(self, firm: int) -> list[int]:
        """The route with a firm more: after the last one of its township, else at the end."""
        if firm in self.chosen:
            return self.chosen
        towns = dict(self._rows([*self.chosen, firm]).values_list("enterprise_id", "township_id"))
        here = [n for n, pk in enumerate(self.chosen) if towns.get(pk) == towns.get(firm)]
        place = here[-1] + 1 if here and towns.get(firm) else len(self.chosen)
        return [*self.chosen[:place], firm, *self.chosen[place:]]

    def moved(self, firm: int, by: int) -> list[int]:
        """The route with a firm one place up (-1) or down (1)."""
        order = list(self.chosen)
        if firm not in order:
            return order
        old = order.index(firm)
        new = min(max(old + by, 0), len(order) - 1)
        order.insert(new, order.pop(old))
        return order

    def without(self, firm: int) -> list[int]:
        return [pk for pk in self.chosen if pk != firm]

    # --- what is read, each once
    @cached_property
    def _owed(self) -> dict[int, Row]:
        """By firm the most pressing of what the actor owes, or of what is late in his area."""
        return self._by_firm(self._cases[1][:SUGGESTED])

    @cached_property
    def _cases(self) -> tuple[str, list[Case]]:
        """Their list in the ledger, and one case more than is suggested; most pressing first."""
        desk = Desk(self.actor, self.today)
        owed = desk.todos(SUGGESTED + 1)
        if owed:
            return "of=mine", owed
        return "chip=overdue", desk.late_elsewhere(SUGGESTED + 1)

    @cached_property
    def _promised(self) -> dict[int, Promise]:
        return {one.firm: one for one in promised_to(self.actor, self.on)}

    @cached_property
    def _rest(self) -> dict[int, Row]:
        """Stops that were put in by hand: their own cases."""
        missing = [pk for pk in {*self.chosen, *self._promised} if pk not in self._owed]
        if not missing:
            return {}
        rows = Case.objects.visible_to(self.actor).with_item().as_rows()
        return self._by_firm(rows.filter(enterprise__in=missing, is_main=True).open())

    def _by_firm(self, cases: Iterable[Case]) -> dict[int, Row]:
        held = [case for case in cases if case.enterprise_id]
        found: dict[int, Row] = {}
        for case, row in zip(held, Reader(self.actor, self.today).plain(held), strict=True):
            found.setdefault(case.firm_id, row)
        return found

    def _rows(self, firms: Collection[int]) -> Any:
        mine = acting(self.actor, *VISITING)
        rows = Membership.objects.newest().visible_to(mine)
        served = Membership.objects.newest().filter(enterprise__in=self.actor.served_ids)
        return (rows | served).filter(enterprise__in=list(firms))

    @cached_property
    def _listed(self) -> dict[int, Membership]:
        wanted = {*self.chosen, *self._owed, *self._promised}
        rows = self._rows(wanted).select_related("enterprise", "county", "township")
        return {row.enterprise_id: row for row in rows}

    @cached_property
    def _phones(self) -> dict[int, tuple[str, str]]:
        return phones(self._listed)

    @cached_property
    def _visited(self) -> set[int]:
        rows = Visit.objects.filter(
            enterprise__in=self.chosen, visited_on=self.on, taken_back_at=None
        )
        return set(rows.values_list("enterprise_id", flat=True)) if self.chosen else set()

    def _stop(self, firm: int) -> Stop:
        row = self._listed[firm]
        contact, phone = self._phones.get(firm, ("", ""))
        return Stop(
            firm=firm,
            name=row.enterprise.name,
            code=row.enterprise.credit_code or "",
            address=row.enterprise.address,
            county=str(row.county),
            township=str(row.township or ""),
            contact=contact,
            phone=phone,
            row=self._owed.get(firm) or self._rest.get(firm),
            is_visited=firm in self._visited,
            promised=self._promised[firm].words if firm in self._promised else "",
        )


def as_json(stops: Sequence[Stop]) -> list[dict[str, Any]]:
    """For the command line."""
    return [
        {
            "place": place,
            "id": stop.firm,
            "firm": stop.name,
            "credit_code": stop.code,
            "county": stop.county,
            "township": stop.township,
            "address": stop.address,
            "contact": stop.contact,
            "phone": stop.phone,
            "light": stop.row.light.words if stop.row else "",
            "visited": stop.is_visited,
            "agreed": stop.promised,
        }
        for place, stop in enumerate(stops, start=1)
    ]
