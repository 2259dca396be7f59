"""`make bench`: every measurement, one after another; the figures go into docs/benchmarks.md."""

import subprocess
import sys

for name in ("size", "start", "way", "slow", "app", "intake", "relay"):
    print(f"== {name}", flush=True)
    subprocess.run([sys.executable, "-m", f"bench.{name}", *sys.argv[1:]], check=True)
