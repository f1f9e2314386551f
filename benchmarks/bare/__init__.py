"""The peer of benchmarks/load.py: a list as Django's own tutorial would make it."""
