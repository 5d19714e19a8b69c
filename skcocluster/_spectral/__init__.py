"""Spectral co-clustering and biclustering."""

from ._biclustering import SpectralBiclustering
from ._coclustering import SpectralCoclustering
from ._specco import SpecCo

__all__ = ["SpecCo", "SpectralBiclustering", "SpectralCoclustering"]
