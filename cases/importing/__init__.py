"""Lists that speak of cases: the running ledger (存量台账)."""
