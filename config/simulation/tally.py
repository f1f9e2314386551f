"""What one run comes to: load, lateness, reminders and coverage, counted as it goes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from config.simulation.campaign import Campaign, spoken
from config.simulation.firms import Firm
from config.simulation.ground import Days, Ground, Place
from config.simulation.lives import Life, Step, Watcher
from config.simulation.luck import Luck, number_of

SLOWEST = 6  # months after which whatever is there has been filed


class Tally(Watcher):
    """Counts one run; ``load`` and ``late`` are changes by unit and working day until ``done``."""

    def __init__(self, ground: Ground, days: Days, firms: Sequence[Firm]) -> None:
        self.ground, self.days, self.firms = ground, days, firms
        self._load: defaultdict[str, list[int]] = defaultdict(self._blank)
        self._late: defaultdict[str, list[int]] = defaultdict(self._blank)
        self._visits: defaultdict[str, list[int]] = defaultdict(self._blank)
        self._open: dict[Step, None] = {}
        self._gained: defaultdict[int, dict[str, int]] = defaultdict(dict)
        # by unit and month: open at once at the most, late at the month's end
        self.peak: dict[str, list[int]] = {}
        self.visits: dict[str, list[int]] = {}
        self.late: dict[str, list[int]] = {}
        # rung and month → steps it spoke about; (rung, addressee) and month → papers
        self.rungs: Counter[tuple[str, int]] = Counter()
        self.letters: Counter[tuple[str, str, int]] = Counter()
        self._letters: set[tuple[str, str, object]] = set()
        # by kind of step: working days that it took → how many; how many ended after their date
        self.lengths: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self.ended_late: Counter[str] = Counter()
        self.begun: Counter[str] = Counter()
        # rests, extensions asked for and granted; matters opened and done, by procedure
        self.rests = self.asked_for = self.granted = 0
        self.matters: Counter[str] = Counter()
        self.matters_done: Counter[str] = Counter()
        self._matters: defaultdict[str, list[int]] = defaultdict(self._blank)
        self.of_matters: dict[str, list[int]] = {}
        # by county and month
        self.closed: defaultdict[str, list[int]] = defaultdict(self._by_month)
        self.covered: defaultdict[str, list[int]] = defaultdict(self._by_month)

    def _blank(self) -> list[int]:
        return [0] * (len(self.days) + 1)

    def _by_month(self) -> list[int]:
        return [0] * len(self.days.months)

    # -- while it runs

    def opened(self, step: Step) -> None:
        self._open[step] = None
        life = step.life
        is_first = life.turns.get(step.stage.key) == 1 and _is_first(step)
        if life.matter is not None and is_first:
            self.matters[life.procedure.key] += 1

    def finished(self, step: Step, at: int) -> None:
        del self._open[step]
        self._count(step, at)
        key = key_of(step)
        self.lengths[key][at - step.started] += 1
        due = step.due.due_on
        if due is not None and self.days.days[at] > due:
            self.ended_late[key] += 1

    def has(self, firm: Firm, place: Place, have: str, at: int) -> None:
        self._gained[firm.key].setdefault(have, at)

    def rested(self, step: Step, days: int) -> None:
        self.rests += 1

    def asked(self, step: Step, days: int, *, is_granted: bool) -> None:
        self.asked_for += 1
        self.granted += is_granted

    def ended(self, life: Life, at: int) -> None:
        if life.matter is not None:
            self.matters_done[life.procedure.key] += 1
        elif life.parent is None:
            self.closed[life.place.county][self.days.month_of[at]] += 1
            # a closing proves what it asks for, with remedies on the way or without
            asked = life.procedure.closes_when
            for have in asked.named() if asked else ():
                self.has(life.firm, life.place, have, at)

    def _count(self, step: Step, end: int) -> None:
        self._load[step.unit][step.started] += 1
        self._load[step.unit][end] -= 1
        if step.life.matter is not None:
            self._matters[step.unit][step.started] += 1
            self._matters[step.unit][end] -= 1
        if step.work == "visit":
            self._visits[step.unit][step.started] += 1
            self._visits[step.unit][end] -= 1
        self.begun[key_of(step)] += 1
        due = step.due.due_on
        if step.is_chased and due is not None:
            late = self.days.after(due)
            if late < end:
                self._late[step.unit][late] += 1
                self._late[step.unit][end] -= 1
        self._remind(step)

    def _remind(self, step: Step) -> None:
        for day, rung in spoken(self.ground, step, self.days.days[-1]):
            place = self.days.after(day) - 1
            if place < 0:
                continue
            month = self.days.month_of[place]
            self.rungs[rung.key, month] += 1
            if rung.act != "draft":
                continue
            addressee = step.unit if rung.addressee == "department" else step.life.place.county
            addressee = addressee or step.unit  # a matter of the city's own units
            once = month if rung.once_per == "month" else day
            if (rung.key, addressee, once) not in self._letters:
                self._letters.add((rung.key, addressee, once))
                self.letters[rung.key, addressee, month] += 1

    # -- after it

    def done(self, campaign: Campaign) -> Tally:
        """What is still open counts until the last day; then months are made of days."""
        for step in list(self._open):
            self._count(step, len(self.days))
        self._open.clear()
        for unit, changes in self._load.items():
            self.peak[unit] = self._peaks(changes)
        for unit, changes in self._visits.items():
            self.visits[unit] = self._peaks(changes)
        for unit, changes in self._matters.items():
            self.of_matters[unit] = self._peaks(changes)
        for unit in self._load:
            self.late[unit] = self._at_ends(self._late[unit])
        for county in self.closed:
            self.closed[county] = _running(self.closed[county])
        self._cover(campaign)
        for unread in (self._load, self._late, self._visits, self._matters):
            unread.clear()
        self._gained.clear()
        return self

    def _peaks(self, changes: Sequence[int]) -> list[int]:
        found, level = self._by_month(), 0
        for place, month in enumerate(self.days.month_of):
            level += changes[place]
            found[month] = max(found[month], level)
        return found

    def _at_ends(self, changes: Sequence[int]) -> list[int]:
        levels = _running(changes)
        return [levels[place] for place in self.days.ends]

    def _cover(self, campaign: Campaign) -> None:
        """Firms that the filing would show as covered, by county, at the end of each month."""
        pack, share = self.ground.pack, self.ground.assumed.numbers.filed
        facts_of = {have.key: have.fact for have in pack.haves if have.fact}
        named = pack.covered_when.named()
        for firm in self.firms:
            counts = self.covered[self.ground.place(firm).county]
            known = dict.fromkeys(firm.facts, 0)
            luck = Luck(campaign.seed, campaign.run_number, firm.key, number_of("filed"))
            for have, at in self._gained.get(firm.key, {}).items():
                if have in facts_of and facts_of[have] not in known:
                    month = self.days.month_of[at] + _lag(luck, have, share)
                    known[facts_of[have]] = month
            if known:  # whoever has filed a have has registered and filed
                first = min(known.values())
                known = {"registered": first, "filed": first, **known}
            covered = self._first_covered(known, named)
            if covered is not None and covered < len(counts):
                counts[covered] += 1
        for county in self.covered:
            self.covered[county] = _running(self.covered[county])

    def _first_covered(self, known: dict[str, int], named: Sequence[str]) -> int | None:
        for month in sorted({known[name] for name in named if name in known}):
            facts = {name: known.get(name, month + 1) <= month for name in named}
            if self.ground.pack.is_covered(facts):
                return month
        return None


def key_of(step: Step) -> str:
    """The key of the row of assumptions that a step follows."""
    key = f"{step.life.procedure.key}.{step.stage.key}"
    return f"{key}.{step.life.have}" if step.life.have and _is_first(step) else key


def _is_first(step: Step) -> bool:
    return step.stage.key == step.life.procedure.initial


def _lag(luck: Luck, have: str, share: int) -> int:
    """Months until what is there is filed: each month the same chance."""
    for month in range(SLOWEST):
        if luck.happens(have, share, month):
            return month
    return SLOWEST


def _running(changes: Sequence[int]) -> list[int]:
    found, level = [], 0
    for change in changes:
        level += change
        found.append(level)
    return found
