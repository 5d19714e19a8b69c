"""Tests in a real browser; a package, for a second conftest.py would be taken for the first."""
