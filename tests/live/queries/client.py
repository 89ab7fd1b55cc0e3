"""The real Python client, asked by a test.

    client.py PORT

Reads a Python expression a line, executes its value on the server and answers with a line: the value in the notation of
`shown` in values.rs, or `error`.
"""

import datetime as dt
import sys

import rayforce
from rayforce import *  # noqa: F403
from rayforce.types.table import *  # noqa: F403
from rayforce.types.operators import Operation  # noqa: F401

EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.timezone.utc)


def shown(value):
    name = type(value).__name__
    if name == "Vector":
        return "[" + " ".join(shown(element) for element in value) + "]"
    if name == "List":
        return "(" + " ".join(shown(element) for element in value) + ")"
    if name == "Dict":
        return "<" + " ".join(f"{shown(k)}: {shown(v)}" for k, v in value.items()) + ">"
    if name == "Table":
        columns = zip(value.columns(), value.values())
        return "{" + ", ".join(f"{plain(column)}: {shown(cells)}" for column, cells in columns) + "}"
    if name == "Operation":
        return f"#{value.value}"
    inner = plain(value)
    if inner is None or name in ("Null", "_StaticRepr"):
        return "null"
    if name == "String":
        return repr(str(inner))
    match inner:
        case bool():
            return "true" if inner else "false"
        case float() if inner != inner:
            return "null"
        case float():
            return f"F64:{inner!r}"
        case int() if inner in (-(2**63), -(2**31), -(2**15)):
            return "null"
        case int():
            return f"{name.upper()}:{inner}"
        case dt.datetime():
            inner = inner if inner.tzinfo else inner.replace(tzinfo=dt.timezone.utc)
            return f"TIMESTAMP:{(inner - EPOCH) // dt.timedelta(microseconds=1)}"
        case dt.date():
            return f"DATE:{(inner - EPOCH.date()).days}"
        case dt.time():
            seconds = (inner.hour * 60 + inner.minute) * 60 + inner.second
            return f"TIME:{seconds * 1000 + inner.microsecond // 1000}"
        case str() if name in ("str", "String", "C8"):
            return repr(inner)
        case str():
            return f"'{inner}"
    return f"{name}:{inner}"


def plain(value):
    """What is in a scalar; of names of columns in every release."""
    return getattr(value, "value", value)


def connect(port):
    if hasattr(rayforce, "TCPClient"):
        return rayforce.TCPClient("127.0.0.1", port)
    from rayforce.utils.ipc import IPCEngine

    return IPCEngine("127.0.0.1", port).acquire()


def main():
    connection = connect(int(sys.argv[1]))
    for line in sys.stdin:
        try:
            answer = shown(connection.execute(eval(line)))
        except Exception as error:
            print(f"{line.strip()}: {error!r}", file=sys.stderr, flush=True)
            answer = "error"
        print(answer.encode("unicode_escape").decode(), flush=True)


main()
