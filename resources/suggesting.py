"""Who could help with a need: ranked, and why. Pure arithmetic on plain values (000-25, 001-23).

``Index`` is built once for a directory (5,000 rows in a blink) and asked often: each need looks
only at those that share an industry, a word or a pair of characters with it. Integers throughout,
so the same directory and the same need always give the same list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from resources.chinese import Vocabulary, grams

Key = tuple[str, int]  # ("resource" | "expert", id)

# points by digits of the industry code that agree; the same division only
INDUSTRY = {4: 16, 3: 14, 2: 10}
DIVISION = 5
FIELD, OFFERED, TRADE = 20, 10, 8
# words counted of each kind: a long text must not win by length
AT_MOST = 3
WORDS_AT_MOST = 18
COUNTY, CITY = 6, 3


class Why(StrEnum):
    INDUSTRY = "industry"
    DIVISION = "division"
    FIELDS = "fields"
    OFFERS = "offers"
    TRADE = "trade"
    WORDS = "words"
    COUNTY = "county"
    CITY = "city"


@dataclass(frozen=True)
class Reason:
    why: Why
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Need:
    """What a firm asks for; ``trade`` is the name of its industry, for needs of two words."""

    words: str
    industry: str = ""
    trade: str = ""
    county: int | None = None


@dataclass(frozen=True)
class Candidate:
    """One row of the directory; ``text`` is its name and what it offers."""

    key: Key
    kind: str
    industries: tuple[str, ...]
    fields: tuple[str, ...]
    text: str
    county: int | None = None
    in_city: bool = False
    valid_from: date = date.min
    valid_until: date | None = None

    def is_valid(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)


@dataclass(frozen=True)
class Suggestion:
    key: Key
    score: int
    reasons: tuple[Reason, ...]


class Index:
    """A directory turned round: from industries, words and pairs of characters to its rows."""

    def __init__(
        self, candidates: Sequence[Candidate], words: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        self.candidates = candidates
        named = sorted({field for row in candidates for field in row.fields})
        self.vocabulary = Vocabulary(words or {}, more=named)
        self.by_industry: dict[str, list[int]] = defaultdict(list)
        self.by_division: dict[str, list[int]] = defaultdict(list)
        self.by_field: dict[str, list[int]] = defaultdict(list)
        self.by_offer: dict[str, list[int]] = defaultdict(list)
        self.by_gram: dict[str, list[int]] = defaultdict(list)
        for place, row in enumerate(candidates):
            self._add(place, row)

    def _add(self, place: int, row: Candidate) -> None:
        for prefix in dict.fromkeys(row.industries):
            self.by_industry[prefix].append(place)
        for division in dict.fromkeys(prefix[:2] for prefix in row.industries):
            self.by_division[division].append(place)
        fields = dict.fromkeys(map(self.vocabulary.named, row.fields))
        for term in fields:
            self.by_field[term].append(place)
        for term in self.vocabulary.terms(row.text):
            if term not in fields:
                self.by_offer[term].append(place)
        for gram in dict.fromkeys(grams(self.vocabulary.without_terms(row.text))):
            self.by_gram[gram].append(place)

    def weight(self, gram: str) -> int:
        """The rarer, the more it says; what a quarter of the directory writes says nothing."""
        held, among = len(self.by_gram.get(gram, ())), len(self.candidates)
        if not held or (among >= 8 and held * 4 > among):
            return 0
        return min((among // held).bit_length(), 6)

    def suggest(
        self, need: Need, *, on: date, limit: int = 8, kinds: Collection[str] = ()
    ) -> list[Suggestion]:
        """The best ``limit`` that are valid on the day, of these kinds if any are named."""
        asked = _Asked(self, need)
        found: list[tuple[int, int]] = []
        for place in asked.touched():
            row = self.candidates[place]
            if row.is_valid(on) and (not kinds or row.kind in kinds):
                found.append((-asked.score(place), place))
        found.sort()
        return [
            Suggestion(self.candidates[place].key, -minus, asked.reasons(place))
            for minus, place in found[:limit]
        ]


class _Asked:
    """One need against an index; each row's share is looked up, never searched for."""

    def __init__(self, index: Index, need: Need) -> None:
        self.index, self.need = index, need
        self.codes = _codes(need.industry)
        self.industry: dict[int, str] = {}
        for prefix in self.codes:  # the longest first
            for place in index.by_industry.get(prefix, ()):
                self.industry.setdefault(place, prefix)
        self.division = set(index.by_division.get(self.codes[-1], ())) if self.codes else set()
        terms = index.vocabulary.terms(need.words)
        trade = [t for t in index.vocabulary.terms(need.trade) if t not in terms]
        self.fields = _postings(index.by_field, terms)
        self.offers = _postings(index.by_offer, terms)
        self.trade = _postings(index.by_field, trade)
        rest = index.vocabulary.without_terms(need.words)
        self.grams = [(g, w) for g in dict.fromkeys(grams(rest)) if (w := index.weight(g))]
        self.shared: dict[int, int] = defaultdict(int)
        for gram, weight in self.grams:
            for place in index.by_gram[gram]:
                self.shared[place] += weight

    def touched(self) -> set[int]:
        """Rows with something in common; to lie in the same county alone is no reason."""
        found = set(self.industry) | self.division
        for held in (self.fields, self.offers, self.trade, self.shared):
            found |= held.keys()
        return found

    def score(self, place: int) -> int:
        prefix = self.industry.get(place)
        total = INDUSTRY[len(prefix)] if prefix else DIVISION if place in self.division else 0
        total += FIELD * len(self.fields.get(place, ())[:AT_MOST])
        total += OFFERED * len(self.offers.get(place, ())[:AT_MOST])
        total += TRADE * len(self.trade.get(place, ())[:AT_MOST])
        total += min(self.shared.get(place, 0), WORDS_AT_MOST)
        return total + self._near(place)

    def _near(self, place: int) -> int:
        row = self.index.candidates[place]
        if row.county is not None and row.county == self.need.county:
            return COUNTY
        return CITY if row.in_city else 0

    def reasons(self, place: int) -> tuple[Reason, ...]:
        """Why, the strongest kind of reason first; words as the office writes them."""
        row, found = self.index.candidates[place], []
        if place in self.industry:
            found.append(Reason(Why.INDUSTRY, (self.industry[place],)))
        elif place in self.division:
            found.append(Reason(Why.DIVISION, (self.codes[-1],)))
        for why, held in (
            (Why.FIELDS, self.fields), (Why.OFFERS, self.offers), (Why.TRADE, self.trade),
        ):  # fmt: skip
            if place in held:
                found.append(Reason(why, self._written(held[place][:AT_MOST])))
        if place in self.shared:
            found.append(Reason(Why.WORDS, self._alike(row)))
        near = self._near(place)
        if near:
            found.append(Reason(Why.COUNTY if near == COUNTY else Why.CITY))
        return tuple(found)

    def _written(self, terms: Sequence[str]) -> tuple[str, ...]:
        written = self.index.vocabulary.written
        return tuple(written.get(term, term) for term in terms)

    def _alike(self, row: Candidate) -> tuple[str, ...]:
        """The longest pieces that both texts write, made of the pairs that counted."""
        own = set(grams(self.index.vocabulary.without_terms(row.text)))
        pieces: list[str] = []
        for gram, _weight in self.grams:
            if gram not in own:
                continue
            if pieces and len(gram) == 2 and pieces[-1][-1] == gram[0]:
                pieces[-1] += gram[1]
            else:
                pieces.append(gram)
        ranked = sorted(dict.fromkeys(pieces), key=lambda piece: (-len(piece), piece))
        return tuple(ranked[:AT_MOST])


def _codes(industry: str) -> list[str]:
    """3451 → 3451, 345, 34: the longest prefix is tried first."""
    code = "".join(c for c in industry if c.isascii() and c.isdigit())[:4]
    return [code[:length] for length in range(len(code), 1, -1)]


def _postings(index: Mapping[str, list[int]], terms: Iterable[str]) -> dict[int, list[str]]:
    """Row → the terms that it shares, in the need's order."""
    found: dict[int, list[str]] = defaultdict(list)
    for term in terms:
        for place in index.get(term, ()):
            found[place].append(term)
    return found
