"""Words of a pack in two languages, and the frozen base of every rule model."""

from typing import Any

from django.utils.translation import get_language
from pydantic import BaseModel, ConfigDict, model_validator

SEPARATOR = " | "


class Rule(BaseModel):
    """Base of all pack models: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Text(Rule):
    """A Chinese text with its English twin.

    In a pack either `{zh: 摸底, en: Baseline survey}` or, compact, `摸底 | Baseline survey`.
    `str(text)` speaks the active language.
    """

    zh: str
    en: str = ""

    @model_validator(mode="before")
    @classmethod
    def _from_compact(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        zh, _, en = value.partition(SEPARATOR)
        return {"zh": zh.strip(), "en": en.strip()}

    def __str__(self) -> str:
        return localised(self)


def localised(text: Text | str | None) -> str:
    """The text in the active language; Chinese where English is missing."""
    if text is None:
        return ""
    if isinstance(text, str):
        return text
    language = get_language() or "zh-hans"
    return text.zh if language.startswith("zh") else text.en or text.zh
