"""The firms of a long register that nobody knows, written by three COPYs and four statements.

The rows are those that ``register_apply`` makes one by one, the lines of the journal those of
``journal`` (docs/adr/0044).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from enterprises.importing.copying import NULL, copy_lines, take_keys
from enterprises.importing.journal import store_made
from enterprises.importing.long.lines import PLACE
from enterprises.importing.long.steps import New
from enterprises.importing.register_plan import RegisterPlan
from enterprises.models import (
    Contact,
    Enterprise,
    ImportBatch,
    ImportChange,
    Membership,
    PairedName,
)
from enterprises.pinyin import spell
from organisations.planned import keys_checked_at_once, tell_planner

_AT = PLACE.__getitem__


@dataclass(frozen=True)
class Poured:
    """Ids of the firms, in the order of the list, and of those that have stopped production."""

    ids: Sequence[int] = ()
    stopped: Sequence[int] = ()


def pour(plan: RegisterPlan, new: New, batch: ImportBatch) -> Poured:
    """Inside the transaction that writes the import."""
    if not new.marks.count(1):
        return Poured()
    keys = array("q", take_keys(Enterprise, new.marks.count(1)))
    stopped: list[int] = []
    with keys_checked_at_once():
        copy_lines(Enterprise, _FIRM, _firms(plan, new, keys, stopped))
        copy_lines(Membership, _STAY, _stays(plan, new, keys))
        copy_lines(Contact, _CONTACT, _contacts(new, keys))
    runs = _runs(keys)
    store_made(batch, Enterprise, "id", runs)
    store_made(batch, Membership, "enterprise_id", runs)
    store_made(batch, Contact, "enterprise_id", runs)
    # who takes half a million firms back at once compared each line with the whole register
    tell_planner(Enterprise, PairedName, Membership, Contact, ImportChange)
    return Poured(keys, stopped)


_FIRM = (
    "id", "name", "folded_name", "credit_code", "code_note", "pinyin", "initials", "condition",
    "address",
)  # fmt: skip
_STAY = (
    "city_id", "enterprise_id", "county_id", "township_id", "industry_code", "industry_name",
    "ownership", "listed_text", "joined_on", "left_on", "left_reason",
)  # fmt: skip
_CONTACT = ("enterprise_id", "duty", "name", "position", "phone")


def _firms(plan: RegisterPlan, new: New, keys: Sequence[int], stopped: list[int]) -> Iterator[str]:
    places = plan.regions.places
    name, folded, code = _AT("name"), _AT("folded_name"), _AT("credit_code")
    note, condition, address = _AT("code_note"), _AT("condition"), _AT("address")
    normal = str(Enterprise.Condition.NORMAL)
    for key, line in zip(keys, new.fresh(), strict=True):
        pinyin, initials = spell(line[name], places)
        if line[condition] == Enterprise.Condition.STOPPED:
            stopped.append(key)
        yield (
            f"{key}\t{line[name]}\t{line[folded]}\t{line[code]}\t{line[note]}\t{pinyin}\t"
            f"{initials}\t{line[condition] or normal}\t{line[address]}"
        )


def _stays(plan: RegisterPlan, new: New, keys: Sequence[int]) -> Iterator[str]:
    city, day = plan.city.pk, plan.as_of.isoformat()
    county, township, first = _AT("county_id"), _AT("township_id"), _AT("industry_code")
    words, owner, listed = _AT("industry_name"), _AT("ownership"), _AT("listed_text")
    for key, line in zip(keys, new.fresh(), strict=True):
        yield (
            f"{city}\t{key}\t{line[county]}\t{line[township] or NULL}\t{line[first]}\t"
            f"{line[words]}\t{line[owner]}\t{line[listed]}\t{day}\t{NULL}\t"
        )


def _contacts(new: New, keys: Sequence[int]) -> Iterator[str]:
    contact, phone, general = _AT("contact"), _AT("phone"), str(Contact.Duty.GENERAL)
    for key, line in zip(keys, new.fresh(), strict=True):
        if line[contact] or line[phone]:
            yield f"{key}\t{general}\t{line[contact]}\t\t{line[phone]}"


def _runs(keys: Sequence[int]) -> tuple[list[int], list[int]]:
    """The keys as (first ones, last ones) of runs without a gap: nobody else's lie between."""
    firsts, lasts = [keys[0]], [keys[0]]
    for key in keys[1:]:
        if key == lasts[-1] + 1:
            lasts[-1] = key
        else:
            firsts.append(key)
            lasts.append(key)
    return firsts, lasts
