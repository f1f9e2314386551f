"""Random valid plans × random people, deeds and times: what must hold, holds on every database.

``packs`` invents a plan, ``game`` plays it with the real verbs, ``laws`` says what must hold,
``diary`` makes one figure of everything that happened, which both databases must agree on.
"""
