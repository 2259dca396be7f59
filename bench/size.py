"""What a phone downloads: gzip size of all script and style, by the build's own budget check.

`python -m bench.size [--write]`
"""

import argparse
import subprocess

from bench import page
from scripts.setup import node_env, npm
from scripts.system import ROOT


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", action="store_true", help="write the figures into docs/benchmarks.md")
    given = options.parse_args()
    said = subprocess.run(
        npm("run", "--silent", "budget"), cwd=ROOT / "frontend", env=node_env(), capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    print(said.stdout)
    if given.write:
        page.write(
            "Size of the app",
            f"`python -m bench.size --write`, after `make client`:\n\n```\n{said.stdout.strip()}\n```",
        )


if __name__ == "__main__":
    main()
