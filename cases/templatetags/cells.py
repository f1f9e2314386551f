"""The registry of columns in a template: ``{% cell column row as words %}``."""

from django import template

from cases.columns import Column, Row

register = template.Library()


@register.simple_tag
def cell(column: Column, row: Row) -> str:
    """The plain text of one cell."""
    return column.text(row)
