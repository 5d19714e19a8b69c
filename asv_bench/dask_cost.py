"""What one read of a dask array costs: bytes that travel, tasks, time; formulas beside counts.

Run as ``python asv_bench/dask_cost.py``. Bytes are counted in the connections of a real cluster of
two processes, during one iteration. Times are CPU seconds, to be had with one thread for BLAS and
OpenMP (``OMP_NUM_THREADS=1``). The last table applies the formulas of ``_dask_cost_model.py`` to
clusters that are not at hand; doc/user_guide/dask_cost.rst explains all of it.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dask
import dask.array as da
import numpy as np
import zarr
from _dask_cost_model import FAN_IN, Cluster, Read, total
from distributed import Client, LocalCluster
from distributed.comm.tcp import TCP

from skcocluster._kernels.blocks import RELABEL
from skcocluster._kernels.engines import ChunkedRows, dask_, get_engine
from skcocluster._kernels.engines.dask_ import make_source
from skcocluster._kernels.linear_map import GRAM_PRODUCTS
from skcocluster._kernels.modularity import ROW_SWEEP

N_WORKERS = 2
REPEATS = 7
CHUNK_COUNTS = (10, 40, 160, 640)
COUNTED = (
    Read(20_000, 200),
    Read(20_000, 2000),
    Read(200_000, 200, n_chunks=40),
    Read(200_000, 200, n_chunks=160),
    Read(200_000, 200, n_chunks=40, n_runs=8),
    Read(200_000, 50, n_row_clusters=200, n_chunks=40),
    Read(200_000, 200, n_chunks=40, missing=True),
    Read(200_000, 200, n_chunks=40, algorithm="Coclus"),
    Read(200_000, 200, n_chunks=40, algorithm="spectral"),
)
TIMED = (
    Read(4000, 500),
    Read(20_000, 500),
    Read(20_000, 2000),
    Read(20_000, 2000, n_chunks=100),
    Read(20_000, 500, 200, 200),
)
TERABYTE = Read(62_500_000, 2000, n_chunks=7813)


# --- one read ------------------------------------------------------------------------------------


def sweep(read: Read, seed: int) -> tuple[Any, dict[str, Any]]:
    """Return the primitive of an iteration and its parameters, with all labels in use."""
    rng = np.random.default_rng(seed)
    n, m, k, p = read.n_rows, read.n_columns, read.n_row_clusters, read.n_column_clusters
    rows = rng.integers(0, k, n).astype(np.int32)
    columns = rng.integers(0, p, m).astype(np.int32)
    if read.algorithm == "spectral":
        return GRAM_PRODUCTS, {"factors": rng.standard_normal((m, k)), "weights": np.ones(n)}
    if read.algorithm == "Coclus":
        weights = {"weights": np.ones(n), "cluster_weights": np.ones(k)}
        labels = {"old_labels": rows, "column_labels": columns}
        return ROW_SWEEP, {**labels, **weights, "total": 1.0, "resolution": 1.0}
    costs = {
        "offset": rng.standard_normal(k),
        "slope": rng.standard_normal((k, p * read.channels)),
    }
    labels = {"row_labels": rows, "column_labels": columns}
    return RELABEL, {**labels, **costs, "missing": read.missing}


def sweeps(read: Read) -> list[tuple[Any, dict[str, Any]]]:
    """Return the sweeps of all runs."""
    return [sweep(read, seed) for seed in range(read.n_runs)]


def as_rows(X: Any) -> ChunkedRows:
    """Return a dask array as the engine sees it."""
    return ChunkedRows(make_source(X), X.chunks[0], False)


@contextmanager
def stored(read: Read, noise: bool) -> Iterator[Any]:
    """Give X as a zarr array; without noise its chunks are empty, and nothing is decoded."""
    with tempfile.TemporaryDirectory() as folder:
        height = read.n_rows // read.n_chunks
        store = zarr.create_array(
            store=str(Path(folder, "X.zarr")),
            shape=(read.n_rows, read.n_columns),
            chunks=(height, read.n_columns),
            dtype="float64",
        )
        rng = np.random.default_rng(0)
        for start in range(0, read.n_rows if noise else 0, height):
            store[start : start + height] = rng.standard_normal((height, read.n_columns))
        yield store


# --- bytes ---------------------------------------------------------------------------------------


@dataclass
class Wires:
    """The bytes that this process, with client and scheduler, has written to its connections."""

    written: list[tuple[str, str, int]]

    @classmethod
    @contextmanager
    def watch(cls) -> Iterator["Wires"]:
        """Count while the context is open."""
        wires, write = cls([]), TCP.write

        async def counted(comm: Any, *arguments: Any, **options: Any) -> int:
            n_bytes: int = await write(comm, *arguments, **options)
            wires.written.append((comm.local_address, comm.peer_address, n_bytes))
            return n_bytes

        TCP.write = counted
        try:
            yield wires
        finally:
            TCP.write = write

    def since(self, first: int, scheduler: str) -> tuple[int, int]:
        """Return what has gone from client to scheduler, and back, since an entry of the list."""
        own = {here for here, there, _ in self.written if there == scheduler}
        late = self.written[first:]
        up = sum(n for _, there, n in late if there == scheduler)
        down = sum(n for here, there, n in late if here == scheduler and there in own)
        return up, down


def sent_by_workers(client: Client) -> int:
    """Return the bytes of results that workers have sent, to each other or up."""
    sent = client.run(lambda dask_worker: dask_worker.transfer_outgoing_bytes_total)
    return sum(sent.values())


def count_bytes(client: Client, wires: Wires, read: Read) -> tuple[int, int, int]:
    """Return the bytes of one read: up, down, between workers."""
    engine, calls = get_engine("dask"), sweeps(read)
    with stored(read, noise=False) as store:
        rows = as_rows(da.from_zarr(store))
        engine.run_all(rows, calls)
        before, first = sent_by_workers(client), len(wires.written)
        engine.run_all(rows, calls)
        up, down = wires.since(first, client.scheduler.address)
        return up, down, sent_by_workers(client) - before - down


def print_bytes(client: Client, wires: Wires) -> None:
    """Print counts beside formulas."""
    assert FAN_IN == dask_.FAN_IN
    counted = [count_bytes(client, wires, read) for read in COUNTED]
    rest = [up - read.up(0.0) for read, (up, _, _) in zip(COUNTED, counted, strict=True)]
    fixed, each = line_through([read.n_chunks for read in COUNTED], rest)
    print(f"graph: {fixed:.0f} bytes, and {each:.0f} for each chunk\n")
    print("MB of a read: counted / formula")
    print("              rows cols    k chunks runs |           up |         down | between, most")
    for read, found in zip(COUNTED, counted, strict=True):
        name = read.algorithm + (" NaN" if read.missing else "")
        shape = (read.n_rows, read.n_columns, read.n_row_clusters, read.n_chunks, read.n_runs)
        pairs = zip(found, (read.up(each), read.down, read.between(N_WORKERS)), strict=True)
        cells = [f"{1e-6 * count:.3f} / {1e-6 * formula:.3f}" for count, formula in pairs]
        print("{:10}{:8}{:5}{:5}{:7}{:5} | ".format(name, *shape) + " | ".join(cells), flush=True)


# --- seconds -------------------------------------------------------------------------------------


def cpu_of(work: Callable[[], Any]) -> float:
    """Return CPU seconds of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def least(*works: Callable[[], Any]) -> list[float]:
    """Return the least CPU seconds of each, measured in turns."""
    times = [[cpu_of(work) for work in works] for _ in range(REPEATS)]
    return [min(column) for column in zip(*times, strict=True)]


def line_through(counts: Any, values: Any) -> tuple[float, float]:
    """Return intercept and slope."""
    slope, intercept = np.polyfit(counts, values, 1)
    return float(intercept), float(slope)


def overhead(n_chunks: int) -> float:
    """Return the least CPU seconds of this process for chunks of one row, made on the spot."""
    calls = sweeps(Read(n_chunks, 10, n_chunks=n_chunks))
    rows = as_rows(da.zeros((n_chunks, 10), chunks=(1, 10)))
    return least(lambda: get_engine("dask").run_all(rows, calls))[0]


def workers_seconds(client: Client) -> float:
    """Return the CPU seconds that workers have spent."""
    return sum(client.run(time.process_time).values())


def print_overheads(client: Client) -> None:
    """Print what chunks cost where there is nothing to compute."""
    before, started = workers_seconds(client), time.perf_counter()
    lines = [("distributed", line_through(CHUNK_COUNTS, [overhead(n) for n in CHUNK_COUNTS]))]
    n_chunks = REPEATS * sum(CHUNK_COUNTS)
    wall = (time.perf_counter() - started) / n_chunks
    workers = (workers_seconds(client) - before) / n_chunks
    for name in ("threads", "synchronous"):
        with dask.config.set(scheduler=name):
            lines.append((name, line_through(CHUNK_COUNTS, [overhead(n) for n in CHUNK_COUNTS])))
    print()
    for name, (fixed, each) in lines:
        print(f"{name:12} {1e3 * fixed:6.1f} ms a read, {1e3 * each:5.2f} ms a chunk")
    print(f"  (distributed: workers {1e3 * workers:.2f} ms a chunk; by the clock {1e3 * wall:.2f})")


def seconds_of_read(read: Read) -> list[float]:
    """Return CPU seconds of a read, its decoding alone, its sweep in memory, and ``X.sum()``."""
    calls, height = sweeps(read), read.n_rows // read.n_chunks
    with stored(read, noise=True) as store, dask.config.set(scheduler="synchronous"):
        X, whole = da.from_zarr(store), store[:]
        rows = as_rows(X)
        return least(
            lambda: get_engine("dask").run_all(rows, calls),
            lambda: [store[start : start + height] for start in range(0, read.n_rows, height)],
            lambda: get_engine("numba").run_all(whole, calls),
            lambda: X.sum().compute(),
        )


def print_times() -> None:
    """Print reads beside the sum of their parts."""
    with dask.config.set(scheduler="synchronous"):
        each = line_through(CHUNK_COUNTS, [overhead(n) for n in CHUNK_COUNTS])[1]
    print("\nCPU ms of a read: measured / decoding + sweep in memory + chunks")
    for read in TIMED:
        measured, decoding, loops, plain = seconds_of_read(read)
        parts = (decoding, loops, each * read.n_chunks)
        shape = (read.n_rows, read.n_columns, read.n_row_clusters, read.n_chunks)
        print("{:7} x {:4}, k = {:3}, {:3} chunks: ".format(*shape), end="")
        print(f"{1e3 * measured:6.1f} / {1e3 * sum(parts):6.1f} = ", end="")
        print(" + ".join(f"{1e3 * part:.1f}" for part in parts), end="; ")
        print(f"{1e9 * loops / read.flops:.2f} ns a flop, {measured / plain:.2f} sums", flush=True)


def print_memory() -> None:
    """Print the growth of a worker's memory, in chunks."""
    print("\nMB of a worker: before / at most, while chunks are read by one and by two threads")
    for megabytes in (16, 64):
        for n_threads in (1, 2):
            read = Read(8 * megabytes * 125, 1000, n_chunks=8)
            options = {"n_workers": 1, "threads_per_worker": n_threads, "dashboard_address": ":0"}
            with (
                stored(read, noise=True) as store,
                LocalCluster(**options, memory_limit=0) as cluster,
                Client(cluster) as client,
            ):
                small = Read(100, 1000, n_chunks=10)
                with stored(small, noise=True) as few:
                    get_engine("dask").run_all(as_rows(da.from_zarr(few)), sweeps(small))
                before = next(iter(client.run(peak).values()))
                get_engine("dask").run_all(as_rows(da.from_zarr(store)), sweeps(read))
                after = next(iter(client.run(peak).values()))
            print(f"{megabytes:4} MB, {n_threads} threads: {before:.0f} / {after:.0f}", flush=True)


def peak() -> float:
    """Return the largest memory of this process so far, in MB, where there is Linux's ``/proc``."""
    status = Path("/proc/self/status").read_text("utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1e3


# --- clusters on paper ---------------------------------------------------------------------------


def print_predictions() -> None:
    """Print the iteration of a terabyte on a hundred workers, and what changes it."""
    large = replace(TERABYTE, n_chunks=1954)
    many = replace(TERABYTE, n_row_clusters=200, n_column_clusters=200)
    narrow = replace(TERABYTE, n_rows=1_250_000_000, n_columns=100)
    cases: dict[str, tuple[Read, Cluster, bool]] = {
        "100 workers": (TERABYTE, Cluster(), False),
        "X held by the workers": (TERABYTE, Cluster(), True),
        "X held, chunks of 512 MB": (large, Cluster(), True),
        "8 runs": (replace(TERABYTE, n_runs=8), Cluster(), False),
        "8 runs, X held, 512 MB": (replace(large, n_runs=8), Cluster(), True),
        "1000 workers": (TERABYTE, Cluster(1000), False),
        "1000 workers, 512 MB": (large, Cluster(1000), False),
        "200 x 200 clusters": (many, Cluster(), False),
        "100 columns": (narrow, Cluster(), False),
    }
    print("\nseconds of an iteration over 1 TB")
    for name, (read, cluster, held) in cases.items():
        parts = cluster.seconds(read, held)
        texts = ", ".join(f"{part} {value:.1f}" for part, value in parts.items())
        print(f"{name:26}{total(parts):7.1f}  ({texts})")


def main() -> None:
    """Print all tables."""
    options = {"n_workers": N_WORKERS, "threads_per_worker": 1, "dashboard_address": ":0"}
    with Wires.watch() as wires, LocalCluster(**options) as cluster, Client(cluster) as client:
        print_bytes(client, wires)
        print_overheads(client)
    print_times()
    print_memory()
    print_predictions()


if __name__ == "__main__":
    main()
