"""The Python client, as a program that does what it is told: the protocol is told in subject/src/lib.rs.

With `query` as its second argument it runs one query and ends with its input, as the query programs do.
"""

import sys
import time

import numpy as np
from rayforce import I64, List, Operation, Symbol, Table, TCPClient, Vector
from rayforce.types.table import Expression

ROWS, BATCH = 1_000_000, 10_000
NAMES = [f"SYM{n}" for n in range(100)]


def connect(port):
    return TCPClient("127.0.0.1", port)


def number(value):
    return getattr(value, "value", value)


class Work:
    def __init__(self, port):
        self.client = connect(port)

    def prepare(self):
        pass


class RoundTrip(Work):
    def once(self):
        assert number(self.client.execute("(+ 1 2)")) == 3


class Connect(Work):
    def __init__(self, port):
        self.port = port

    def once(self):
        connect(self.port).close()


class Fetch(Work):
    sum = int((np.arange(ROWS, dtype=np.int64) * 31 % 1000).sum())

    def once(self):
        table = self.client.execute("big")
        assert int(table.at_column("qty").to_numpy().sum()) == self.sum


class Insert(Work):
    """From arrays of numpy, and names in a list: it has no other vector of symbols."""

    def __init__(self, port):
        super().__init__(port)
        n = np.arange(ROWS, dtype=np.int64)
        self.at = n * 1_000_000
        self.sym = [NAMES[i * 7919 % 100] for i in range(ROWS)]
        self.qty = n * 31 % 1000
        self.px = n * 0.25
        self.buy = n % 3 == 0

    def prepare(self):
        self.client.execute("(set sink none)")

    def send(self, insert):
        self.client.execute(insert)

    def once(self):
        for start in range(0, ROWS, BATCH):
            part = slice(start, start + BATCH)
            columns = [
                Vector.from_numpy(self.at[part], ray_type=I64),
                Vector(items=self.sym[part], ray_type=Symbol),
                Vector.from_numpy(self.qty[part], ray_type=I64),
                Vector.from_numpy(self.px[part]),
                Vector.from_numpy(self.buy[part]),
            ]
            rows = List([Operation.LIST, *columns])
            # `Table.insert` would take the vectors apart, cell by cell.
            self.send(Expression(Operation.INSERT, Table("sink"), rows))
        assert number(self.client.execute("(count sink)")) == ROWS


class InsertAsync(Insert):
    def send(self, insert):
        self.client.send_async(insert)


MEASURES = {
    "round-trip": RoundTrip,
    "connect": Connect,
    "fetch": Fetch,
    "insert-async": InsertAsync,
    "insert-sync": Insert,
}


def main():
    port, made = int(sys.argv[1]), {}
    if sys.argv[2:] == ["query"]:
        print(number(connect(port).execute("(+ 1 2)")), flush=True)
        sys.stdin.read()
        return
    for line in sys.stdin:
        if line.split() == ["measures"]:
            print(*MEASURES, flush=True)
            continue
        name, warm, times = line.split()
        if name not in made:
            made[name] = MEASURES[name](port)
        work = made[name]
        work.prepare()
        for _ in range(int(warm)):
            work.once()
        start, cpu = time.perf_counter_ns(), time.process_time_ns()
        for _ in range(int(times)):
            work.once()
        cpu, wall = time.process_time_ns() - cpu, time.perf_counter_ns() - start
        print(wall, cpu, flush=True)


main()
