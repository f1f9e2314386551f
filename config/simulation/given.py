"""Time that is given in a dry run: the clock that stands still, the extension that is granted."""

from __future__ import annotations

from config.simulation.ground import Days, Ground
from config.simulation.lives import Step, Watcher
from workflows import deadlines, extensions

MOST_REST = 30  # working days that one rest takes at most (the engine's limit)


class Given:
    """Of one run: what is given, and that it was."""

    def __init__(self, ground: Ground, days: Days, watcher: Watcher) -> None:
        self.ground, self.days, self.watcher = ground, days, watcher

    def rest(self, step: Step) -> int:
        """Working days for which the clock stands still, which the date moves by (停产检修)."""
        life, numbers = step.life, self.ground.assumed.numbers
        turn = life.turns.get(step.stage.key, 1)
        is_with_firm = life.matter is None and step.work in ("visit", "desk")
        if not is_with_firm or not life.luck.happens(f"rest {step.stage.key}", numbers.rests, turn):
            return 0
        most = max(2 * numbers.rest_days - 1, 1)
        days = min(life.luck.between(f"rests {step.stage.key}", 1, most, turn), MOST_REST)
        self._move_due(step, days)
        self.watcher.rested(step, days)
        return days

    def extend(self, step: Step, ready: int) -> None:
        """申请延期 where it is known that it will be late: once, within the plan's limits."""
        life, due, rule = step.life, step.due.due_on, self.ground.pack.extensions
        if due is None or not step.is_chased or ready <= (last := self.days.after(due) - 1):
            return
        if not rule.allows(life.procedure, step.stage) or step.work == "turn":
            return
        key, turn = step.stage.key, life.turns.get(step.stage.key, 1)
        if not life.luck.happens(f"ask {key}", self.ground.assumed.numbers.extends, turn):
            return
        left = extensions.room(rule, budget=step.due.budget or 0, moved=0, granted=())
        days = min(ready - last, left.days)
        if left.times < 1 or days < 1:
            return
        is_granted = life.luck.happens(f"grant {key}", self.ground.assumed.numbers.granted, turn)
        self.watcher.asked(step, days, is_granted=is_granted)
        if is_granted:
            self._move_due(step, days)

    def _move_due(self, step: Step, days: int) -> None:
        """Another date; a case that waits for the step is never due before it."""
        if step.due.due_on is None:
            return
        due = deadlines.shift(step.due.due_on, days, self.ground.calendar)
        step.due = step.due._replace(due_on=due, budget=(step.due.budget or 0) + days)
        parent = step.life.parent
        if parent is None or parent.step is None or not parent.step.stage.waits_for:
            return
        old = parent.step.due
        if old.due_on is not None and old.due_on < due:
            budget = self.ground.calendar.between(parent.step.started_on, due)
            parent.step.due = old._replace(due_on=due, budget=budget)
