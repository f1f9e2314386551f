"""The directory as a workbook: columns, reading, plan, apply, template, export."""
