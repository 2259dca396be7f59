"""A newcomer's wait: `make run` in an empty clone with an empty HOME, then once more.

`python -m bench.start [--write]`
"""

import argparse
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from bench import page
from scripts.processes import free_port
from scripts.system import ROOT


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", action="store_true", help="write the figures into docs/benchmarks.md")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clone, home = Path(folder) / "clone", Path(folder) / "home"
        home.mkdir()
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        first, second = (_seconds(clone, home) for _ in range(2))
    report = f"""`python -m bench.start --write`: seconds of `make run` until the system answers, in an empty
clone with an empty HOME; the first includes every download.

| first start | second start |
|---|---|
| {first:.0f} | {second:.1f} |
"""
    print(report)
    if given.write:
        page.write("`make run`", report)


def _seconds(clone: Path, home: Path) -> float:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "VIRTUAL_ENV"))}
    env = kept | {"HOME": str(home), "PORT": str(free_port())}
    begun = time.perf_counter()
    running = subprocess.Popen(
        ["make", "run"], cwd=clone, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert running.stdout
    said = []
    for line in running.stdout:
        said.append(line)
        if "is running" in line:
            break
    else:
        raise RuntimeError("".join(said))
    took = time.perf_counter() - begun
    os.killpg(running.pid, signal.SIGINT)
    running.communicate(timeout=60)
    return took


if __name__ == "__main__":
    main()
