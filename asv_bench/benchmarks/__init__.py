"""Benchmarks of skcocluster for asv; `tiny` of a class holds what makes it small for a test."""
