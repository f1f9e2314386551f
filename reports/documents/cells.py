"""Cells of a house form that the office writes: what was asked, opinions. Pure.

What is compiled from the data (names, codes, conditions, papers) stays as compiled; a cell that may
be written names figures in braces, as the paragraphs of other kinds do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from reports.documents.content import Cell, Content, linked

Place = tuple[int, int, int]  # section, row, cell


def writable(content: Content) -> Iterator[tuple[Place, str, str]]:
    """(place, its label, its text with links), in the order of the form."""
    for s, section in enumerate(content.sections):
        for r, row in enumerate(section.grid.rows if section.grid else ()):
            label = ""
            for c, cell in enumerate(row):
                if cell.is_label:
                    label = cell.text
                elif cell.is_free:
                    yield (s, r, c), label, cell.text


def written(content: Content, typed: Mapping[Place, str]) -> Content:
    """With the texts that were typed; only cells that may be written, others are left alone."""

    def with_text(place: Place, cell: Cell) -> Cell:
        if place not in typed or typed[place] == cell.text:
            return cell
        return cell.model_copy(update={"text": typed[place], "is_own": True})

    return _changed(content, with_text)


def kept(old: Content, new: Content) -> Content:
    """The form as compiled today under the words that the office wrote into the old one."""
    own = {place: text for place, _label, text in writable(old) if _at(old, place).is_own}
    return written(new, own)


def filled(content: Content) -> Content:
    """Its links replaced by the figures, to be printed or read."""
    return _changed(
        content,
        lambda _place, cell: cell.model_copy(update={"text": linked(cell.text, content.figures)}),
    )


def _at(content: Content, place: Place) -> Cell:
    grid = content.sections[place[0]].grid
    assert grid is not None
    return grid.rows[place[1]][place[2]]


def _changed(content: Content, change: Callable[[Place, Cell], Cell]) -> Content:
    sections = []
    for s, section in enumerate(content.sections):
        grid = section.grid
        if grid is not None and any(cell.is_free for row in grid.rows for cell in row):
            rows = tuple(
                tuple(
                    change((s, r, c), cell) if cell.is_free else cell for c, cell in enumerate(row)
                )
                for r, row in enumerate(grid.rows)
            )
            section = section.model_copy(update={"grid": grid.model_copy(update={"rows": rows})})
        sections.append(section)
    return content.model_copy(update={"sections": tuple(sections)})
