"""What a city says otherwise: words of the interface are exchanged, holes in a sentence are not."""

from __future__ import annotations

from workflows.wording import Renamed


class Said:
    """A catalogue of one language that has every message as it is."""

    def gettext(self, message: str) -> str:
        return message

    def ngettext(self, singular: str, plural: str, n: float) -> str:
        return singular if n == 1 else plural

    def to_language(self) -> str:
        return "zh-hans"


WORDS = {"县区": "省辖市", "县级": "市级", "市级": "省级", "county": "city", "counties": "cities"}


def test_words_are_exchanged_once_and_holes_left_alone() -> None:
    said = Renamed(Said(), WORDS)
    assert said.gettext("%(county)s：县区%(n)d个") == "%(county)s：省辖市%(n)d个"
    # what one word becomes is not taken for another
    assert said.gettext("县级审核、市级确认") == "市级审核、省级确认"
    assert said.ngettext("{county} of the county", "the counties", 2) == "the cities"
    assert said.gettext("{county} of the county") == "{county} of the city"
    assert said.to_language() == "zh-hans"
