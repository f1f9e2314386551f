"""What is remembered about an object that never changes is remembered by which one it is."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


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
