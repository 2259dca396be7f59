"""Where the settings come from, and what every other file of them asks."""

import tomllib
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environs import Env

env = Env()
BASE_DIR = Path(__file__).resolve().parents[2]

DEPLOYMENT = env.str("DEPLOYMENT", "")
if DEPLOYMENT not in {"demo", "test", "production"}:
    raise ImproperlyConfigured("Set DEPLOYMENT to demo, test or production (`make run` does it for you).")
PRODUCTION = DEPLOYMENT == "production"


def required(name: str, outside_production: str) -> str:
    """The variable's value; production has no default for it."""
    value = env.str(name, "" if PRODUCTION else outside_production)
    if not value:
        raise ImproperlyConfigured(
            f"Set {name}: production has no default for it (docs/runbook.md, «Settings»)."
        )
    return value


VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))

RELEASE = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
