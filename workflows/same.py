"""What is remembered about an object that never changes is remembered by which one it is."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")
# answers that are remembered of one question
MOST = 4096


class Same(Generic[T]):
    """A key for ``lru_cache``: equal to nothing but a key of the very same object.

    Comparing packs and phrases field by field would cost more than what is remembered. The key
    holds its object, so no other one can get its place in memory.
    """

    __slots__ = ("one",)

    def __init__(self, one: T) -> None:
        self.one = one

    def __hash__(self) -> int:
        return id(self.one)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.one is other.one


def by_which(count: int) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Remember a function's answers by which objects its first ``count`` arguments are, and by what
    the others are: as ``lru_cache`` of ``Same`` would, without asking either in Python.
    """

    def remembering(work_out: Callable[..., T]) -> Callable[..., T]:
        known: dict[Hashable, tuple[T, tuple[Any, ...]]] = {}

        def remembered(*args: Any) -> T:
            key = (*map(id, args[:count]), *args[count:])
            held = known.get(key)
            if held is None:
                if len(known) >= MOST:
                    known.clear()
                # with its objects, so that nothing else takes what names them
                held = known[key] = (work_out(*args), args[:count])
            return held[0]

        return remembered

    return remembering
