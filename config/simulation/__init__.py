"""A dry run of a plan before it is issued: the pack's own rules, modelled people, nothing stored.

``firms`` reads a register, ``assumptions`` says how people work, ``ground`` asks the pack and the
calendar, ``campaign`` runs once, ``outcome`` makes ranges of several runs, ``findings`` puts them
into words.
"""
