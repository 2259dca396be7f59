"""`make failures`: every number of docs/failures.md with the tests that name it and how they ended last."""

import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml.etree import parse

from scripts.system import RESULTS, ROOT
from scripts.terminal import say

NUMBER = re.compile(r"(?<![A-Za-z0-9])[Ff](\d\d)(?![0-9])")
PY_TEST = re.compile(r"^(?: {4})?def (test_\w+)|^class (\w*Machine\w*|Test\w+)")
TS_TEST = re.compile(r"^\s*(?:it|test|describe)(?:\.each\(.*\))?\(\s*['\"`](.+?)['\"`]")
FILLED_IN = re.compile(r"\\?%[sdijo#]|\\\$\\\{.*?\\\}|\\\$\w+")  # in an escaped title of vitest


@dataclass(frozen=True)
class Test:
    """One test as its source names it; `file` is relative to the project."""

    file: str
    name: str

    def ran_as(self, case: str) -> bool:
        """Whether `case`, a name in the results, is this test or one of its rows."""
        if self.file.endswith(".py"):
            owner, _, name = case.rpartition(".")
            return self.name in {name.partition("[")[0], owner} or (
                "Machine" in self.name and name == "runTest"
            )
        title = re.compile(FILLED_IN.sub(".*", re.escape(self.name)))
        return any(title.fullmatch(part) for part in case.split(" > "))


Outcomes = dict[str, list[tuple[str, str]]]  # file → (case, outcome)


def tests_of(path: Path) -> Iterator[tuple[str, str]]:
    """Each test of a file with all of its text, from its first line to the next test's; the name first."""
    pattern = PY_TEST if path.suffix == ".py" else TS_TEST
    name, body = "", ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if found := pattern.match(line):
            yield name, body
            name, body = next(group for group in found.groups() if group), ""
        body += line + "\n"
    yield name, body


def by_number() -> dict[str, list[Test]]:
    """F-number → every test whose name or text says it."""
    found: dict[str, list[Test]] = {}
    files = [
        *sorted((ROOT / "tests").rglob("test_*.py")),
        *sorted((ROOT / "frontend").glob("tests/**/*.test.ts")),
    ]
    files += sorted((ROOT / "frontend" / "src").rglob("*.test.ts*"))
    for path in files:
        for name, body in tests_of(path):
            for number in {match[1] for match in NUMBER.finditer(body)} if name else ():
                found.setdefault(f"F{number}", []).append(Test(str(path.relative_to(ROOT)), name))
    return found


def outcomes() -> Outcomes:
    """What the last `make test` left; empty before it has run."""
    found: Outcomes = {}
    for results in sorted(RESULTS.glob("*.xml")):
        for case in parse(results).iter("testcase"):
            where, name = case.get("classname", ""), case.get("name", "")
            kinds = {child.tag for child in case}
            outcome = (
                "FAILED" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
            )
            if where.endswith((".ts", ".tsx")):
                found.setdefault(f"frontend/{where}", []).append((name, outcome))
            else:  # tests.unit.test_numbers, perhaps with a class behind it
                parts = where.split(".")
                owner = parts.pop() if parts[-1][:1].isupper() else ""
                found.setdefault("/".join(parts) + ".py", []).append((f"{owner}.{name}", outcome))
    return found


def in_words(test: Test, known: Outcomes) -> str:
    """`3 passed`, `1 FAILED, 2 passed`, `not run`."""
    ended = Counter(outcome for case, outcome in known.get(test.file, ()) if test.ran_as(case))
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(ended.items())) or "not run"


def main() -> int:
    """Print the table; 1 when a failure that docs/failures.md calls held has no test, or one that failed."""
    page = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \*\*(F\d\d)\*\* \|(.+)\| (held|first form|later) \|", page, re.M)
    tests, known = by_number(), outcomes()
    missing, failed = [], []
    for number, words, status in rows:
        say(f"{number} ({status}) {words.split('|')[0].strip()}")
        ended = {test: in_words(test, known) for test in tests.get(number, [])}
        for test, result in ended.items():
            say(f"      {result:18} {test.file}: {test.name}")
        if status == "held" and not ended:
            missing.append(number)
        if any("FAILED" in result for result in ended.values()):
            failed.append(number)
    ran = max((path.stat().st_mtime for path in RESULTS.glob("*.xml")), default=None)
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(ran)) if ran else "none yet: make test"
    say(f"\nResults: {when}.")
    if missing:
        say(f"Held, but no test says so: {', '.join(missing)}")
    if failed:
        say(f"With a failed test: {', '.join(failed)}")
    return 1 if missing or failed else 0


if __name__ == "__main__":
    sys.exit(main())
