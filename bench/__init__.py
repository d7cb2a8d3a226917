"""Benchmarks: how fast smtplint is beside other tools, in the same run. Never part of the tests: machines are noisy."""
