"""Verbs of the firms' own rows."""
