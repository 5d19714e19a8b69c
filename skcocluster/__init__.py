"""Co-clustering for Python: rows and columns of a matrix, clustered at once.

`BBAC` is Bregman block-average co-clustering. Estimators follow scikit-learn's interface.
"""

from ._bbac import BBAC
from ._coclus import Coclus
from ._maxnorm import MaxNormCoclustering
from ._neocc import NEOCC, NEOKMeans
from ._refine import BlockGroups, refine_blocks
from ._spectral import SpecCo, SpectralBiclustering, SpectralCoclustering

__version__ = "0.1.0"

__all__ = [
    "BBAC",
    "NEOCC",
    "BlockGroups",
    "Coclus",
    "MaxNormCoclustering",
    "NEOKMeans",
    "SpecCo",
    "SpectralBiclustering",
    "SpectralCoclustering",
    "__version__",
    "refine_blocks",
]
