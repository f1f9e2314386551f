"""In which of his posts somebody acted, and for whom: what the trail keeps with each event."""

from __future__ import annotations

from cases.locking import Step
from organisations.scope import Actor, Standing


def for_whom(standing: Standing | None) -> dict[str, str]:
    """代: whoever stands in acts under his own name, and the trail says for whom."""
    if standing is None or standing.delegation_id is None:
        return {}
    return {"for": standing.stands_in_for}


def standing_of(by: Actor, step: Step) -> Standing | None:
    """The post that a person acted in: the nearest to the case, and of one unit's posts the one
    that allows it or owes it, one's own before another's."""
    units = [step.case.responsible_unit_id, step.case.competent_unit_id]
    if step.item is not None:
        units.insert(0, step.item.unit_id)
    owing = step.item.post_id if step.item is not None else None

    def distance(standing: Standing) -> tuple[int, bool, bool, bool]:
        unit = units.index(standing.unit_id) if standing.unit_id in units else len(units)
        is_others = standing.delegation_id is not None
        return unit, step.verb not in standing.acts, standing.post_id != owing, is_others

    return min(by.standings, key=distance, default=None)
