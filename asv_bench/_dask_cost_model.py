"""The cost model of doc/user_guide/dask_cost.rst as formulas: bytes, tasks, seconds of a read."""

from dataclasses import dataclass

# As in skcocluster/_kernels/engines/dask_.py, which a model on paper need not import.
FAN_IN = 8
# Bytes of a row's labels and weights on their way to its chunk, and of what comes back.
ROW_BYTES = {"BBAC": (1, 4), "Coclus": (9, 4), "spectral": (8, 0)}


@dataclass(frozen=True)
class Read:
    """One iteration: the shape of X, clusters, chunks, and the runs that share the read.

    Of a spectral method, `n_row_clusters` is the number of vectors.
    """

    n_rows: int
    n_columns: int
    n_row_clusters: int = 20
    n_column_clusters: int = 20
    n_chunks: int = 10
    n_runs: int = 1
    algorithm: str = "BBAC"
    missing: bool = False

    @property
    def data(self) -> int:
        """Bytes of X, dense float64."""
        return 8 * self.n_rows * self.n_columns

    @property
    def channels(self) -> int:
        """Sums for each cluster: counts of observed entries are a second one."""
        return 2 if self.missing else 1

    @property
    def partial_sums(self) -> int:
        """Bytes of the sums of columns that a chunk contributes."""
        return 8 * self.channels * self.n_row_clusters * self.n_columns * self.n_runs

    @property
    def model(self) -> int:
        """Bytes that every worker needs to deal with rows."""
        k, p, m = self.n_row_clusters, self.n_column_clusters, self.n_columns
        one = {
            "BBAC": 8 * k * (self.channels * p + 1) + 4 * m,
            "Coclus": 8 * k + 4 * m,
            "spectral": 8 * k * m,
        }
        return one[self.algorithm] * self.n_runs

    @property
    def rows_up(self) -> int:
        """Bytes of what goes to the rows: labels, in few bytes, and weights."""
        each = ROW_BYTES[self.algorithm][0]
        wide = self.n_row_clusters > 128 and self.algorithm != "spectral"
        return (each + wide) * self.n_rows * self.n_runs

    @property
    def rows_down(self) -> int:
        """Bytes of the labels that rows get."""
        return ROW_BYTES[self.algorithm][1] * self.n_rows * self.n_runs

    @property
    def levels(self) -> list[int]:
        """Pieces at each level of the tree that merges them, the result left out."""
        found = [self.n_chunks]
        while found[-1] > 1:
            found.append(-(-found[-1] // FAN_IN))
        return found[:-1]

    @property
    def n_tasks(self) -> int:
        """Reads, sweeps and merges."""
        return self.n_chunks + sum(self.levels) + 1

    @property
    def flops(self) -> float:
        """Operations of the loops on all workers."""
        n, m, k, p = self.n_rows, self.n_columns, self.n_row_clusters, self.n_column_clusters
        one = {
            "BBAC": 2 * m + 2 * k * p * self.channels,
            "Coclus": 2 * m + 2 * k,
            "spectral": 4 * m * k,
        }
        return float(n) * one[self.algorithm] * self.n_runs

    def up(self, per_chunk: float) -> float:
        """Bytes from the client to the scheduler."""
        return per_chunk * self.n_chunks + self.model + self.rows_up

    @property
    def down(self) -> int:
        """Bytes from the scheduler to the client."""
        return self.partial_sums + self.rows_down

    def between(self, n_workers: int) -> float:
        """Bytes between workers at the most, all pieces but those that are merged where they are.

        A piece of sums has the same size at each level; labels are handed on as they are.
        """
        moved = self.partial_sums * sum(self.levels) + self.rows_down * len(self.levels)
        return (1 - 1 / n_workers) * moved


@dataclass(frozen=True)
class Cluster:
    """A cluster on paper; rates in bytes and seconds."""

    n_workers: int = 100
    n_threads: int = 4
    from_store: float = 200e6  # bytes/s of X that a worker reads and decodes
    network: float = 1e9  # bytes/s of the client, the scheduler and each worker
    flop: float = 0.5e-9  # seconds of one thread
    chunk: float = 1.5e-3  # seconds of the scheduler for a chunk
    fixed: float = 0.1  # seconds of a read that depend on nothing
    graph: float = 240.0  # bytes of the graph for a chunk

    def seconds(self, read: Read, held: bool = False) -> dict[str, float]:
        """Return what each part of an iteration takes; `held` is X in the workers' memory."""
        most = -(-read.n_chunks // self.n_workers)
        own = read.data / read.n_chunks * most
        n_threads = self.n_workers * self.n_threads
        rounds = -(-read.n_chunks // n_threads) * n_threads
        # A node of the tree receives its pieces one after the other.
        pieces = FAN_IN * len(read.levels) * read.partial_sums
        return {
            "store": 0.0 if held else own / self.from_store,
            "loops": read.flops * self.flop / n_threads * rounds / read.n_chunks,
            "scheduler": self.chunk * read.n_chunks,
            "tree": (pieces + read.rows_down) / self.network,
            "client": self.fixed + (read.up(self.graph) + 2 * read.down) / self.network,
        }


def total(parts: dict[str, float]) -> float:
    """Return the time of an iteration: reading, loops and scheduling go on at the same time."""
    return max(parts["store"], parts["loops"], parts["scheduler"]) + parts["tree"] + parts["client"]
