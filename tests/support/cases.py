"""The tables that both test suites run."""

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent.parent / "cases"


def load(name: str) -> dict[str, Any]:
    """The table `tests/cases/<name>.json`."""
    table: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return table
