"""Where the programs are that we use but do not bring along."""

import os
import re
import shutil
from glob import glob
from pathlib import Path

PG_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
CHROMIUM_PATHS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
#: program and Debian's package: what docker-compose.yml takes from images and its tests from the distribution
OF_PRODUCTION = (
    ("nginx", "nginx-light"),
    ("redis-server", "redis-server"),
    ("docker-compose", "docker-compose"),
)
NO_POSTGRES = "no PostgreSQL server: apt install postgresql, or put initdb and postgres on PATH"
NO_CHROMIUM = "no Chromium: apt install chromium, or put chromium or google-chrome on PATH"


def postgres_folder() -> Path | None:
    """Where initdb and postgres are: on PATH, else the newest version in the usual places."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = [Path(folder) for pattern in PG_FOLDERS for folder in glob(pattern)]
    usable = [folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()]
    return max(usable, key=lambda folder: [int(n) for n in re.findall(r"\d+", str(folder))], default=None)


def found(program: str) -> bool:
    """Whether it is on PATH, or where servers lie that are not for everybody's PATH."""
    return bool(shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"))


def chromium() -> Path | None:
    """A Chromium (or Chrome) that the system has; Playwright's own downloads are not used."""
    found = next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)
    if found:
        return Path(found)
    return next((Path(path) for path in CHROMIUM_PATHS if Path(path).exists()), None)
