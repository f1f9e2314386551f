"""How cases of a procedure begin: register, plan, calendar, a person, a rung, a frozen month."""

from typing import Any, Literal, Self

from django.utils.translation import gettext as _
from pydantic import Field, model_validator

from workflows.deadlines import Phrase
from workflows.ladder import DraftKind
from workflows.text import Rule

# which listed firms the register opens a case for (001-25: those with R&D are led on, 003-05:
# those that were closed are looked after)
Listed = Literal["uncovered", "covered_incomplete", "closed_before"]
# what packs wrote that were issued before a closing counted however long ago it was
FORMER = {"closed_last_year": "closed_before"}
# who may open one by hand, in the words of a pack
Opener = Literal[
    "office", "county", "department", "liaison_group", "township", "supervisor", "leader", "firm",
]  # fmt: skip


class Opening(Rule):
    """One way in which a procedure's cases begin.

    `register`: one for each listed firm for which `when` holds; `plan`: one for each measure of
    the pack; `calendar`: one for each turn of `each` (`every: month, day: 25, about: last_month`);
    `hand`: by one of `by`, with the answers of `form`; `rung`: with a letter to a county that a
    person releases, of one of the kinds in `letters` (a supervision letter, unless it says so);
    `freeze`: when a month is frozen, one for each list (its class) on which a county has firms;
    `parent`: spawned by another case only.
    """

    from_: Literal["register", "plan", "calendar", "hand", "rung", "freeze", "parent"] = Field(
        alias="from"
    )
    when: Listed | None = None
    by: tuple[Opener, ...] = ()
    form: str | None = None
    each: Phrase | None = None
    letters: tuple[DraftKind, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"from": value}
        if isinstance(value, dict) and isinstance(value.get("when"), str):
            return {**value, "when": FORMER.get(value["when"], value["when"])}
        return value

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.from_ == "register") != (self.when is not None):
            raise ValueError(_("“when” belongs to “from: register”, and only there"))
        if (self.from_ == "hand") != bool(self.by):
            raise ValueError(_("“by” belongs to “from: hand”, and only there"))
        if (self.from_ == "calendar") != (self.each is not None):
            raise ValueError(_("“each” belongs to “from: calendar”, and only there"))
        if self.each is not None and not self.each.every:
            raise ValueError(
                _("“each” says how often: “every: week”, “every: month” or “every: quarter”")
            )
        if self.letters and self.from_ != "rung":
            raise ValueError(_("“letters” belongs to “from: rung”, and only there"))
        if self.form and self.from_ != "hand":
            raise ValueError(_("only a case that a person opens has a form at its opening"))
        return self

    @property
    def by_letters(self) -> tuple[DraftKind, ...]:
        """The kinds of letter with which a case begins; 督办函 where the pack names none."""
        return self.letters or ("supervision_letter",) if self.from_ == "rung" else ()
