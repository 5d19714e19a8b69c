"""The table of ``tools/mutate.py``: modules and tests that there are."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def read_table():
    # Without an import: cosmic-ray need not be installed here.
    module = ast.parse((ROOT / "tools" / "mutate.py").read_text("utf-8"))
    (table,) = (
        node.value
        for node in module.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "TESTS"
    )
    return ast.literal_eval(table)


@pytest.mark.parametrize(("patterns", "tests"), read_table())
def test_every_line_names_modules_and_tests_that_there_are(patterns, tests):
    for pattern in patterns.split():
        assert list((ROOT / "skcocluster").glob(pattern)), pattern
    for test in tests.split():
        assert (ROOT / "tests" / f"test_{test}.py").exists(), test
