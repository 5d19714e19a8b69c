"""The script that computes the papers' numbers again, where it needs no data."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "asv_bench"))

import reproduce

NOWHERE = Path("no-such-folder")


def test_case_study_of_neo_cc_is_as_published():
    lines = list(reproduce.neo_case_study(NOWHERE, 1))
    assert len(lines) == 6
    assert [line.what for line in lines if line.here != line.published] == []


def test_theorem_of_the_maximum_norm_has_its_counterexample():
    lines = reproduce.max_norm_theorem(NOWHERE, 1)
    assert [line.here for line in lines] == ["infeasible", "feasible"]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_cycle_of_simultaneous_updates_is_as_known():
    trace, simultaneous, alternating = (line.here for line in reproduce.bbac_cycle(NOWHERE, 1))
    assert trace == "18.25, 14.58, 18.25"
    assert simultaneous.startswith("14.58")
    assert alternating == "13.49, converged"


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_parts_without_their_data_are_left_out_by_name(capsys):
    reproduce.main(NOWHERE, 1)
    printed = capsys.readouterr().out
    assert "Table 3 (yeast): left out, as yeast14.npz is missing" in printed
    assert "Coclus, documents: left out, as classic3.npz, cstr.npz is missing" in printed
    assert "18.25, 14.58" in printed


def test_animals_are_solved_beyond_the_paper(real_data):
    real_data("awa")
    lines = list(reproduce.max_norm_animals(reproduce.DEFAULT_FOLDER, 1))
    assert all("proven optimal" in line.here for line in lines)
