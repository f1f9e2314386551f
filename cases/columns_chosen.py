"""Which columns a person sees in the ledger, in his order; without a choice those of his post.

A phone's card keeps its lines whatever is chosen; Excel, paper and the screen follow the choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext_lazy

from cases.columns import COUNTY, FIRM, TOWNSHIP, Column, columns_for
from organisations.models import User
from organisations.scope import Actor

LIST = "ledger"
NUMBER = Column("number", gettext_lazy("Case number"), lambda row: row.number, head_class="w-m")
WAITS = Column(
    "waits",
    gettext_lazy("Waiting for"),
    lambda row: row.waits,
    kind="clip",
    head_class="w-l",
    width=18,
)
# columns that leave a narrow screen stay once a person has asked for them
YIELDING = ("gives-way", "large-gives-way", "wide-only")


def offered(actor: Actor) -> tuple[Column, ...]:
    """Everything to choose from: those of the post first, in their order."""
    usual = columns_for(actor)
    others = [one for one in (COUNTY, TOWNSHIP) if one not in usual]
    return (*usual, WAITS, NUMBER, *others)


def chosen_keys(actor: Actor) -> list[str]:
    """As he left them; empty where he never chose."""
    kept = actor.user.lists.get(LIST, {}) if isinstance(actor.user, User) else {}
    known = {column.key for column in offered(actor)}
    return [key for key in kept.get("columns", []) if key in known]


def columns_of(actor: Actor) -> tuple[Column, ...]:
    """The columns of the ledger for this person. The firm is always among them."""
    keys = chosen_keys(actor)
    if not keys:
        return columns_for(actor)
    by_key = {column.key: column for column in offered(actor)}
    found = [_staying(by_key[key]) for key in keys]
    return tuple(found if FIRM.key in keys else [by_key[FIRM.key], *found])


def with_card(columns: Sequence[Column], actor: Actor) -> tuple[Column, ...]:
    """The same with what a phone's card shows besides, hidden on a desk and on paper."""
    keys = {column.key for column in columns}
    card = [one for one in columns_for(actor) if _is_of_card(one) and one.key not in keys]
    return (*columns, *(_on_card_alone(one) for one in card))


def _is_of_card(column: Column) -> bool:
    return "cell-" in column.cell_class


def _staying(column: Column) -> Column:
    def plain(classes: str) -> str:
        return " ".join(one for one in classes.split() if one not in YIELDING)

    return replace(column, head_class=plain(column.head_class), cell_class=plain(column.cell_class))


def _on_card_alone(column: Column) -> Column:
    return replace(
        column,
        head_class=f"{column.head_class} phone-part",
        cell_class=f"{column.cell_class} phone-part",
        sort=(),
    )
