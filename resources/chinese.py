"""Words inside Chinese text, which has no blanks: known words as they stand, bigrams for the rest.

Pure. Everything is folded first (width, case, blanks), so what is found is deterministic.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from organisations.regions import fold

_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
# what stands in every need and every offer, and says nothing about either
COMMON = frozenset(
    re.findall(
        "..",
        "技术企业公司研发生产产品需要需求解决问题合作开发提供服务进行希望目前如何以及"
        "关键核心提高提升降低优化改进改善实现方面相关攻关创新研究项目工艺设备材料质量"
        "性能有限限公制造造业其他等方行业我司本公厂家专业人才人员资金单位意向拟开开展"
        "能力水平支持指导咨询建设应用方案系统对接高校院所学院大学专家实验验室中心",
    )
)


def words_of(text: str) -> tuple[str, ...]:
    """A list as people type it: 轴承、热处理；表面工程."""
    parts = re.split(r"[、，,；;\n/|]+|\s{2,}", text)
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def grams(text: str) -> Iterator[str]:
    """Pairs of Chinese characters that say something, and whole Latin words ("dsp")."""
    for run in _RUN.findall(fold(text)):
        if not _HAN.match(run):
            if len(run) > 1 and not run.isdigit():
                yield run
            continue
        for at in range(len(run) - 1):
            pair = run[at : at + 2]
            if pair not in COMMON:
                yield pair


class Vocabulary:
    """Known words and what else is said for them; finds them in a text, the longest first."""

    def __init__(self, words: Mapping[str, Iterable[str]], more: Iterable[str] = ()) -> None:
        """``words``: each with its other words; ``more`` stand for themselves."""
        self.names: dict[str, str] = {}
        self.written: dict[str, str] = {}
        for word, also in words.items():
            for name in (word, *also):
                self._know(name, word)
        for word in more:
            self._know(word, word)
        known = sorted(self.names, key=lambda name: (-len(name), name))
        self._pattern = re.compile("|".join(map(re.escape, known))) if known else None

    def _know(self, name: str, word: str) -> None:
        folded = fold(name)
        # one character would be found everywhere
        if len(folded) > 1:
            self.names.setdefault(folded, fold(word))
            self.written.setdefault(fold(word), word)

    def named(self, word: str) -> str:
        """The word that ``word`` stands for: itself, if nobody knows it."""
        folded = fold(word)
        return self.names.get(folded, folded)

    def terms(self, text: str) -> tuple[str, ...]:
        """Known words in the order in which the text names them, each once."""
        if self._pattern is None:
            return ()
        found = (self.names[name] for name in self._pattern.findall(fold(text)))
        return tuple(dict.fromkeys(found))

    def without_terms(self, text: str) -> str:
        """The text with every known word cut out, so that nothing counts twice."""
        return self._pattern.sub(".", fold(text)) if self._pattern else fold(text)
