"""The column that django-fsm guards."""

from __future__ import annotations

from typing import Any

from django_fsm import FSMField, FSMFieldDescriptor


class _Kept(FSMFieldDescriptor):
    """The state as any other column is read: the machine's own way is four calls, a dozen times
    with each move."""

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        held = {} if instance is None else instance.__dict__
        return held["stage"] if "stage" in held else super().__get__(instance, owner)


class StageField(FSMField):
    """django-fsm's own, under its own name in migrations."""

    descriptor_class = _Kept

    def deconstruct(self) -> Any:
        name, _path, args, more = super().deconstruct()
        return name, f"django_fsm.{FSMField.__name__}", args, more
