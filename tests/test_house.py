"""The house itself: directions of imports, laziness, versions, and the tools that check them."""

import importlib
import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import dev
import docstring_rules
import house_rules
import import_rules
import skcocluster

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "skcocluster"
LAZY_LIBRARIES = ("dask", "distributed", "matplotlib", "pandas", "polars", "pyarrow", "xarray")


# --- imports run in one direction --------------------------------------------------------------


def test_imports_of_the_package_run_in_one_direction():
    assert import_rules.check_package(PACKAGE) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("skcocluster._kernels.blocks", "from .._base import BaseCoclusterer"),
        ("skcocluster._kernels.blocks", "from skcocluster._shared import divergences"),
        ("skcocluster._kernels.engines.numba_", "from ..._shared.divergences import logistic"),
        ("skcocluster._kernels.blocks", "import sklearn.utils"),
        ("skcocluster._kernels.blocks", "from sklearn.utils import check_array"),
        ("skcocluster._kernels.blocks", "from joblib import Parallel"),
        ("skcocluster._kernels.blocks", "from skcocluster import BBAC"),
        ("skcocluster._shared.restarts", "from .._bbac import BBAC"),
        ("skcocluster._shared.restarts", "from .. import _base"),
        ("skcocluster._shared.restarts", "import skcocluster.plot"),
        ("skcocluster._bbac", "from .plot import CoclusterDisplay"),
        ("skcocluster._bbac", "from . import io"),
        ("skcocluster._base", "import skcocluster.cli"),
        ("skcocluster._maxnorm._exact", "from ..plot._display import draw"),
        ("skcocluster._bbac", "def fit():\n    from skcocluster.io import save_results"),
    ],
)
def test_import_rule_refuses(module, source):
    assert len(import_rules.check_source(source, module)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("skcocluster._kernels.blocks", "import numba\nfrom .primitive import Primitive"),
        ("skcocluster._kernels.engines.numba_", "from ..primitive import Primitive"),
        (
            "skcocluster._shared.restarts",
            "from joblib import Parallel\nfrom .._kernels import blocks",
        ),
        ("skcocluster._bbac", "from ._base import BaseCoclusterer\nfrom ._shared import restarts"),
        ("skcocluster._base", "import ioutils\nimport sklearn"),
        ("skcocluster.cli", "from . import BBAC, io, plot"),
    ],
)
def test_import_rule_allows(module, source):
    assert import_rules.check_source(source, module) == []


def test_import_rule_reads_relative_imports_of_a_package_from_the_package_itself():
    source = "from .blocks import sweep"
    names = [name for _, name in import_rules.iter_imports(source, "skcocluster._kernels", True)]
    assert names == ["skcocluster._kernels.blocks.sweep"]


# --- what a user meets on import ---------------------------------------------------------------


def run_python(script):
    """Standard output of a script in a process of its own."""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_import_of_the_package_loads_no_optional_library():
    # scikit-learn loads pandas wherever it is installed: what it loads is not ours.
    script = f"""
        import sys
        import joblib, numba, scipy.sparse, sklearn.cluster, sklearn.utils
        before = set(sys.modules)
        import skcocluster
        print([name for name in {LAZY_LIBRARIES} if name in set(sys.modules) - before])
    """
    assert run_python(textwrap.dedent(script)) == "[]"


def test_package_is_imported_where_no_optional_library_is_installed():
    script = f"""
        import sys
        sys.modules.update(dict.fromkeys({LAZY_LIBRARIES}))
        import skcocluster.cli, skcocluster.datasets, skcocluster.io, skcocluster.metrics
        import skcocluster.plot, skcocluster.testing
        print(skcocluster.__version__)
    """
    assert run_python(textwrap.dedent(script)) == skcocluster.__version__


def test_every_public_name_exists():
    for module in docstring_rules.iter_public_modules(skcocluster):
        missing = [name for name in getattr(module, "__all__", ()) if not hasattr(module, name)]
        assert missing == [], module.__name__


def test_package_says_that_it_is_typed():
    assert (PACKAGE / "py.typed").is_file()


# --- one version -------------------------------------------------------------------------------


def test_citation_names_the_version():
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert re.findall(r"^version: (\S+)$", citation, re.MULTILINE) == [skcocluster.__version__]


def test_changelog_starts_with_the_version():
    changelog = (ROOT / "CHANGELOG.rst").read_text("utf-8")
    versions = re.findall(r"^(\d+\.\d+\.\d+)\b.*\n-+$", changelog, re.MULTILINE)
    assert versions[0] == skcocluster.__version__


# --- the house rules can fail ------------------------------------------------------------------


def find(source, file_name):
    return [message for _, message in house_rules.find_offences(source, Path(file_name))]


@pytest.mark.parametrize("call", ["np.allclose(a, b)", "np.array_equal(a, b)", "(a == b).all()"])
def test_comparison_without_assert_is_an_offence_in_tests_only(call):
    assert len(find(call, "tests/test_x.py")) == 1
    assert find(f"assert {call}", "tests/test_x.py") == []
    assert find(call, "examples/plot_x.py") == []


def test_file_over_the_limit_is_an_offence():
    assert find("x = 1\n" * house_rules.MAX_FILE_LINES, "skcocluster/x.py") == []
    assert len(find("x = 1\n" * (house_rules.MAX_FILE_LINES + 1), "skcocluster/x.py")) == 1


def test_function_over_the_limit_is_an_offence_and_its_docstring_does_not_count():
    docstring = '    """Say it.\n' + "\n" * house_rules.MAX_FUNCTION_LINES + '    """\n'
    at_limit = "def f():\n" + docstring + "    x = 1\n" * house_rules.MAX_FUNCTION_LINES
    assert find(at_limit, "skcocluster/x.py") == []
    assert len(find(at_limit + "    x = 1\n", "skcocluster/x.py")) == 1


@pytest.mark.parametrize("marker", ["TO" + "DO", "FIX" + "ME"])
def test_marker_of_unfinished_work_is_an_offence(marker):
    assert len(find(f"x = 1  # {marker}: more", "skcocluster/x.py")) == 1
    assert find(f"x{marker}y = 1", "skcocluster/x.py") == []


@pytest.mark.parametrize(
    "path", ["/ho" + "me/ada/x.npy", "/Us" + "ers/ada", r"C:\\Us" + r"ers\\ada"]
)
def test_path_of_one_machine_is_an_offence(path):
    assert len(find(f'x = "{path}"', "skcocluster/x.py")) == 1
    assert find(f'x = "shared{path}"' if path[0] == "/" else 'x = "a\\\\n"', "doc/x.rst") == []


def test_house_rules_see_every_module_of_the_package_and_every_test():
    seen = set(house_rules.iter_project_files())
    assert set(PACKAGE.rglob("*.py")) | set((ROOT / "tests").glob("*.py")) <= seen


def test_docstring_that_does_not_match_the_signature_is_an_offence(tmp_path, monkeypatch):
    (tmp_path / "skcocluster_sample.py").write_text(
        textwrap.dedent('''
        """A module."""
        __all__ = ["undocumented"]


        def undocumented(y, X=1.5, tol=1e-07, start=float("nan")):
            """Add.

            Parameters
            ----------
            X : float, default=1.0
                One summand.
            tol : float, default=1e-7
                Another.
            start : float, default=nan
                A third.

            Returns
            -------
            float
                The sum.
            """
            return X + y + tol + start
        ''').lstrip(),
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("skcocluster_sample")
    names = list(docstring_rules.iter_public_objects(module))
    assert names == [("skcocluster_sample.undocumented", True)]
    pytest.importorskip(
        "numpydoc", reason="the docstring rules run where lint's extra is installed"
    )
    messages = docstring_rules.validate(*names[0])
    assert {m.split(": ")[1].split()[0] for m in messages} == {"PR01", "EX01", "DEFAULT"}
    assert messages[-1].endswith("DEFAULT of X is said to be 1.0, is 1.5")
    assert sum("DEFAULT" in m for m in messages) == 1


# --- dev.py installs once, and passes on what a task says --------------------------------------


@pytest.fixture
def pip_calls(tmp_path, monkeypatch):
    """An installed environment with the extras plot and test, whose pip only notes its calls."""
    calls = []
    for name in ("VENV", "STAMP", "PYTHON"):
        monkeypatch.setattr(dev, name, tmp_path / name)
    dev.PYTHON.touch()
    stamp = {"fingerprint": dev.compute_fingerprint(), "extras": ["plot", "test"]}
    dev.STAMP.write_text(json.dumps(stamp), encoding="utf-8")
    monkeypatch.setattr(dev, "make_environment", lambda: None)
    monkeypatch.setattr(dev, "call_quietly", lambda command, failure: calls.append(command[-1]))
    return calls


def test_installed_environment_is_used_as_it_is(pip_calls):
    dev.ensure_environment({"plot"})
    assert pip_calls == []


def test_further_extra_is_added_to_those_installed(pip_calls):
    dev.ensure_environment({"doc"})
    dev.ensure_environment({"doc", "plot", "test"})
    assert pip_calls == [".[doc,plot,test]"]


def test_changed_project_is_installed_anew(pip_calls, monkeypatch):
    monkeypatch.setattr(dev, "compute_fingerprint", lambda: "changed")
    dev.ensure_environment({"plot"})
    dev.ensure_environment({"plot"})
    assert pip_calls == [".[plot,test]"]


@pytest.mark.parametrize("stamp", ["", "{", "[]", '{"extras": []}', '{"fingerprint": 1}'])
def test_damaged_stamp_means_that_nothing_is_installed(pip_calls, stamp):
    dev.STAMP.write_text(stamp, encoding="utf-8")
    dev.ensure_environment({"plot"})
    assert pip_calls == [".[plot]"]


def test_installation_that_fails_leaves_no_stamp(pip_calls, monkeypatch):
    def fail(command, failure):
        raise SystemExit(failure)

    monkeypatch.setattr(dev, "call_quietly", fail)
    with pytest.raises(SystemExit, match="pip"):
        dev.ensure_environment({"doc"})
    assert not dev.STAMP.exists()


@pytest.mark.parametrize("exit_code", [0, 1, 5])
def test_exit_code_of_the_task_is_dev_py_s_own(monkeypatch, exit_code):
    monkeypatch.setattr(dev, "ensure_environment", lambda extras: None)
    monkeypatch.setattr(dev, "run", lambda arguments, variables=None: exit_code)
    assert dev.main(["test", "-k", "house"]) == exit_code


def test_lint_runs_every_check_although_the_first_fails(monkeypatch, capsys):
    commands = []

    def run(command):
        commands.append(command)
        return 1 if len(commands) == 1 else 0

    monkeypatch.setattr(dev, "run", run)
    assert dev.run_lint([]) == 1
    assert len(commands) == 5
    assert "failed: ruff check" in capsys.readouterr().out
