"""The serializer of the Python package `rayforce`, for the test `differential`.

A message is one byte, four bytes of length and so many bytes. `d`: the bytes are a frame, which is decoded and encoded
again. `e`: they are program text, whose value is encoded. The answer is `k` and the frame, or `r`: refused, with the
reason. Bytes that end this process are not answered.
"""

import importlib.machinery
import importlib.util
import os
import resource
import signal
import struct
import sys

# What the engine prints must not come between the answers.
answers = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)

# Alone, without the package around it, which needs others.
places = [os.path.join(place, "rayforce") for place in sys.path]
spec = importlib.machinery.PathFinder.find_spec("_rayforce_c", places)
engine = importlib.util.module_from_spec(spec)
spec.loader.exec_module(engine)
engine.init_runtime()

# A count that is believed may not take the machine's memory, or its time.
SECONDS = 1
BYTES = 1 << 30
if os.path.exists("/proc/self/statm"):
    with open("/proc/self/statm", encoding="ascii") as pages:
        limit = int(pages.read().split()[0]) * resource.getpagesize() + BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def encoded(value):
    if engine.get_obj_type(value) == engine.TYPE_ERR:
        raise RuntimeError("an error")
    return engine.read_u8_vector(engine.ser_obj(value))


def decoded(frame):
    return engine.de_obj(engine.init_vector_from_raw_buffer(engine.TYPE_U8, len(frame), frame))


def answer(kind, message):
    try:
        if kind == b"d":
            return b"k", encoded(decoded(message))
        return b"k", encoded(engine.eval_str(engine.init_string(message.decode("utf-8"))))
    except (MemoryError, RuntimeError, TypeError, ValueError) as error:
        return b"r", str(error).encode()


while head := sys.stdin.buffer.read(5):
    kind, length = struct.unpack("<cI", head)
    message = sys.stdin.buffer.read(length)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    kind, message = answer(kind, message)
    signal.setitimer(signal.ITIMER_PROF, 0)
    answers.write(struct.pack("<cI", kind, len(message)) + message)
    answers.flush()
