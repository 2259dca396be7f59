"""CPU time of process trees, from /proc: what remains comparable when others use the machine, too."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def spent(*roots: int) -> float:
    """Seconds of user and system time of these processes and their descendants, ended ones included."""
    parent: dict[int, int] = {}
    own: dict[int, float] = {}
    ended: dict[int, float] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just gone
            continue
        pid = int(entry.name)
        parent[pid] = int(fields[1])
        own[pid] = sum(map(int, fields[11:13])) / _TICKS
        ended[pid] = sum(map(int, fields[13:15])) / _TICKS
    family = set(roots)
    while more := {pid for pid, above in parent.items() if above in family} - family:
        family |= more
    return sum(own.get(pid, 0.0) + ended.get(pid, 0.0) for pid in family)
