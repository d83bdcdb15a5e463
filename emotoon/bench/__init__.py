"""Benchmarks and contact sheets: every published number comes from here."""
