"""`make chaos`: a run of any size, with a seed that is printed and may be given again."""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from scripts import tools
from tests.chaos.checker import check
from tests.chaos.plan import CONCURRENCY, LATE, LONG, LONG_LATE, SHORT, new_seed
from tests.chaos.run import Run
from tests.chaos.town import town


def main() -> int:
    given = argparse.ArgumentParser(prog="make chaos", description='make chaos ARGS="--long --seed 1a2b3c4d"')
    given.add_argument("--seed", default=new_seed())
    given.add_argument("--long", action="store_true", help="200 phones, 10 000 receipts")
    given.add_argument("--late", action="store_true", help="KIAS commits after the settle time: doubles")
    given.add_argument("--calm", action="store_true", help="nothing is killed: lines and KIAS only")
    given.add_argument("--phones", type=int)
    given.add_argument("--receipts", type=int)
    given.add_argument("--at-once", type=int, default=CONCURRENCY, help="calls to KIAS; the workers have ten")
    options = given.parse_args()
    sizes = {key: getattr(options, key) for key in ("phones", "receipts") if getattr(options, key)}
    forms = (LATE, LONG_LATE) if options.late else (SHORT, LONG)
    plan = replace(forms[options.long], seed=options.seed, **sizes)
    if options.calm:
        plan = replace(plan, blows=False, rounds=0, share=0.5)
    keep = Path(tempfile.mkdtemp(prefix="kias-chaos-books-"))
    with town(keep, KIAS_CONCURRENCY=str(options.at_once)) as running:
        if not running.has_clocks:
            print(f"NOT RUN: {tools.NO_FAKETIME}")
        books = Run(running).go(plan)
    books.store(keep / "books.json")
    verdict = check(books)
    print(verdict.words)
    print(f"Books and logs: {keep}")
    return 1 if verdict.beside("twice" if plan.late else "") else 0


if __name__ == "__main__":
    sys.exit(main())
