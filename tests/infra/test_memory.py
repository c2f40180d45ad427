"""What the processes keep of the memory that they have given back."""

from __future__ import annotations

import subprocess
import sys

import pytest

MANY_THREADS = """
import ctypes, re, threading
from huying import memory
{bound}
all_here = threading.Barrier(24)
def use():
    all_here.wait()
    kept = [bytearray(3000) for _each in range(200)]
    all_here.wait()
threads = [threading.Thread(target=use) for _each in range(24)]
[each.start() for each in threads]
[each.join() for each in threads]
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


def heaps(bound: str) -> int:
    """How many heaps a process with many threads has."""
    told = subprocess.run(
        [sys.executable, "-c", MANY_THREADS.format(bound=bound)],
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return told.stdout.count("<heap nr=")


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own")
def test_many_threads_share_two_heaps() -> None:
    assert heaps("") > 2
    assert heaps("assert memory.bound()") <= 2
