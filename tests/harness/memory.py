"""Reads the memory of a running server, as somebody does who took over its machine."""

import re

import pytest

REGION = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)$")
PIECE = 1 << 20
# Regions of the kernel, which cannot be read.
UNREADABLE = ("[vvar", "[vsyscall]")


def memory(server):
    """The private, writable memory of the process, in pieces that overlap by a kilobyte."""
    pid = server.process.pid
    with open(f"/proc/{pid}/maps") as maps:
        regions = [REGION.match(line).groups() for line in maps]
    try:
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as file:
            for start, end, mode, name in regions:
                if mode.startswith("rw") and not name.startswith(UNREADABLE):
                    yield from pieces(file, int(start, 16), int(end, 16))
    except PermissionError:
        pytest.skip("the memory of another process may not be read here")


def pieces(file, start, end):
    """What can be read of a region."""
    while start < end:
        try:
            file.seek(start)
            data = file.read(min(PIECE, end - start))
        except OSError:
            return
        if not data:
            return
        # Most of it was never touched.
        if data.count(0) != len(data):
            yield data
        # What straddles two pieces is in both.
        start += len(data) if start + len(data) >= end else max(len(data) - 1024, 1)


def count(server, needles):
    """How often each of the needles is in the memory: by name."""
    found = dict.fromkeys(needles, 0)
    for data in memory(server):
        for name, needle in needles.items():
            found[name] += data.count(needle)
    return found
