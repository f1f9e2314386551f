"""Forms as data: the fields of a pack's forms."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, Self

from django.utils.translation import gettext as _
from pydantic import Field as PydanticField
from pydantic import model_validator

from workflows.text import Rule, Text

HAVES = "haves"  # the key of the field group that asks for the Four Haves

Kind = Literal[
    "text",
    "long_text",
    "phone",
    "number",
    "money",
    "date",
    "month",
    "choice",
    "many_of",
    "tick",
    "rows",
    "haves",
    "file",
    "computed",
]
How = Literal["sum", "difference", "share", "count", "months"]
# what the product reads of a visit record (workflows/form_visit.py)
Role = Literal["visited_on", "people", "way", "met", "found", "next_contact"]
FILES = 5  # fmt: skip


class Choice(Rule):
    """An answer of a field: its key is stored, its label is read."""

    key: str
    label: Text


class When(Rule):
    """A condition on another field of the same form (or of the same row): its value is one of
    `any_of`; for a field with several values, one of them is."""

    field: str
    any_of: tuple[str, ...]

    def holds(self, data: Mapping[str, Any]) -> bool:
        value = data.get(self.field)
        values = value if isinstance(value, (list, tuple)) else [value]
        return any(_plain(item) in self.any_of for item in values)


class Compute(Rule):
    """What a computed field says of others: `{sum: [a, b]}` (a column of rows: `bodies.people`),
    `{difference: [a, b]}`, `{share: [part, whole]}` in per cent, `{count: [rows]}`,
    `{months: [from, until]}`, both included."""

    how: How
    of: tuple[str, ...]

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: Any) -> Any:
        if isinstance(value, dict) and len(value) == 1 and "how" not in value:
            [(how, of)] = value.items()
            return {"how": how, "of": of if isinstance(of, list) else [of]}
        return value

    @model_validator(mode="after")
    def _has_parts(self) -> Self:
        if not self.of or (self.how not in ("sum", "count") and len(self.of) != 2):
            raise ValueError(_("“difference”, “share” and “months” are of two fields"))
        return self


class Field(Rule):
    """One field. `columns` for rows; `required_when` beside `required`; `prefilled` names the fact
    that the page puts in (with `read_only` it is never read back); `min_rows`, `max_length`,
    `least`, `most` are bounds; `not_future` for dates that lie behind; `not_before` names an
    earlier date field; `since_opening`: no day before the case was opened; `within_work`: none
    after the plan's work ends; `within_months`: none later than so many months from today;
    `per_missing` names a column of the rows: each missing have needs a row of its own; money is in
    万元; `decimals` are the places of a number behind the point; `compute` says how a computed one
    comes about; `most` of files is their number; `role` is what a visit record's field is to the
    product."""

    key: str
    kind: Kind
    label: Text
    hint: Text | None = None
    unit: Text | None = None
    section: Text | None = None
    required: bool = False
    required_when: When | None = None
    shown_when: When | None = None
    read_only: bool = False
    prefilled: str | None = None
    choices: tuple[Choice, ...] = ()
    columns: tuple["Field", ...] = ()
    min_rows: int = 0
    max_length: int | None = None
    least: int | None = None
    most: int | None = None
    not_future: bool = False
    not_before: str | None = None
    since_opening: bool = False
    within_work: bool = False
    within_months: int | None = PydanticField(default=None, ge=1, le=120)
    per_missing: str | None = None
    decimals: int = 0
    compute: Compute | None = None
    role: Role | None = None

    @model_validator(mode="before")
    @classmethod
    def _compact(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("choices"), dict):
            listed = [{"key": str(key), "label": label} for key, label in value["choices"].items()]
            return {**value, "choices": listed}
        return value

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.kind in ("choice", "many_of", HAVES)) != bool(self.choices):
            raise ValueError(_("“choices” belong to choice, many_of and haves, and only there"))
        if (self.kind == "rows") != bool(self.columns):
            raise ValueError(_("“columns” belong to rows, and only there"))
        if (self.kind == "computed") != (self.compute is not None):
            raise ValueError(_("“compute” belongs to computed fields, and only there"))
        if self.kind == "computed" and (self.required or self.required_when):
            raise ValueError(_("a computed field is not asked for"))
        if self.decimals and (self.kind != "number" or not 0 < self.decimals <= 4):
            raise ValueError(_("“decimals” belong to numbers, from 1 to 4"))
        if any(column.kind in ("rows", "haves", "file") for column in self.columns):
            raise ValueError(_("rows hold neither rows nor haves nor files"))
        for word in ("since_opening", "within_work", "within_months"):
            if getattr(self, word) and self.kind != "date":
                told = _("“%(word)s” belongs to dates, and only there")
                raise ValueError(told % {"word": word})
        columns = {column.key for column in self.columns}
        if self.per_missing is not None and self.per_missing not in columns:
            raise ValueError(_("“per_missing” names a column of the rows"))
        if self.kind == HAVES and self.key != HAVES:
            raise ValueError(_("the field of kind “haves” has the key “haves”"))
        return self

    @property
    def limit(self) -> int:
        """Longest text, in characters."""
        return self.max_length or (2000 if self.kind == "long_text" else 200)

    @property
    def most_files(self) -> int:
        return self.most or FILES

    def choice(self, key: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.key == key), None)

    def is_required(self, data: Mapping[str, Any]) -> bool:
        return self.required or (self.required_when is not None and self.required_when.holds(data))

    def is_shown(self, data: Mapping[str, Any]) -> bool:
        return self.shown_when is None or self.shown_when.holds(data)


class Outcome(Rule):
    """What the rows of a field must come to before the step is left: for each value of the column
    `per` (else: once) a row whose `column` is one of `any_of`. Asked only where the rows are
    required: a ticked 不需对接 takes their place."""

    field: str
    column: str
    any_of: tuple[str, ...]
    per: str | None = None


class Form(Rule):
    """A form of the pack. `includes` puts the fields of other forms first."""

    key: str
    title: Text
    hint: Text | None = None
    includes: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    outcome: Outcome | None = None
    haves: tuple[str, ...] = ()  # filled in from the pack, for the group `haves`

    def field(self, key: str) -> Field:
        return next(field for field in self.fields if field.key == key)

    @property
    def inputs(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if not field.read_only)

    def walk(self) -> Iterator[tuple[Field, tuple[Field, ...]]]:
        """Every field with its siblings; columns of rows too."""
        for field in self.fields:
            yield field, self.fields
            for column in field.columns:
                yield column, field.columns


def _plain(value: Any) -> str:
    return {True: "true", False: "false", None: ""}.get(value, str(value))
