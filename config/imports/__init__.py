"""The import wizard: a door over the verbs of two floors (the register, and the cases after it)."""
