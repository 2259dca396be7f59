"""`make failures`: every number of docs/failures.md with the tests that name it."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.system import ROOT
from scripts.terminal import say

NUMBER = re.compile(r"(?<![A-Za-z0-9])[Ff](\d\d)(?![0-9])")
PY_TEST = re.compile(r"^(?: {4})?def (test_\w+)|^class (\w*Machine\w*|Test\w+)")
TS_TEST = re.compile(r"^\s*(?:it|test|describe)(?:\.each\(.*\))?\(\s*['\"`](.+?)['\"`]")


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


def by_number() -> dict[str, list[str]]:
    """F-number → `file: test` for every test whose name or text says it."""
    found: dict[str, list[str]] = {}
    files = [
        *sorted((ROOT / "tests").rglob("test_*.py")),
        *sorted((ROOT / "frontend").glob("tests/**/*.test.ts")),
    ]
    files += sorted((ROOT / "frontend" / "src").rglob("*.test.ts*"))
    for path in files:
        for name, body in tests_of(path):
            for number in {match[1] for match in NUMBER.finditer(body)} if name else ():
                found.setdefault(f"F{number}", []).append(f"{path.relative_to(ROOT)}: {name}")
    return found


def main() -> int:
    """Print the table; 1 when a failure that docs/failures.md calls held has no test."""
    page = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \*\*(F\d\d)\*\* \|(.+)\| (held|first form|later) \|", page, re.M)
    tests, missing = by_number(), []
    for number, words, status in rows:
        say(f"{number} ({status}) {words.split('|')[0].strip()}")
        for test in tests.get(number, []):
            say(f"      {test}")
        if status == "held" and not tests.get(number):
            missing.append(number)
    if missing:
        say(f"\nHeld, but no test says so: {', '.join(missing)}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
