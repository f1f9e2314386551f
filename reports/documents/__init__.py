"""Official documents: compiled, frozen, signed, numbered, set in the layout of GB/T 9704-2012."""
