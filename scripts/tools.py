"""Where the programs are that we use but do not bring along."""

import os
import re
import shutil
import subprocess
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
#: where Debian's package faketime puts the library that turns a process's clock; the multi-threaded one
FAKETIME = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/local/lib/faketime/libfaketimeMT.so.1")
NO_FAKETIME = "clock jumps in the chaos: apt install faketime"
NO_POSTGRES = "no PostgreSQL server: apt install postgresql, or put initdb and postgres on PATH"
NO_CHROMIUM = "no Chromium: apt install chromium, or put chromium or google-chrome on PATH"
#: the Python that Debian's bindings for GTK belong to; ours in `.venv` does not see them
SYSTEM_PYTHON = Path("/usr/bin/python3")
#: engine → Debian's packages, with which tests/browser/test_engines.py drives it
OF_ENGINES = {
    "Chromium": ("chromium", "chromium-driver"),
    "Firefox": ("firefox-esr",),
    "WebKit": ("webkit2gtk-driver", "gir1.2-webkit2-4.1", "python3-gi", "xvfb"),
}


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


def libfaketime() -> Path | None:
    """The library that turns the clocks of processes in the chaos."""
    return next((Path(path) for pattern in FAKETIME for path in glob(pattern)), None)


def chromium() -> Path | None:
    """A Chromium (or Chrome) that the system has; Playwright's own downloads are not used."""
    found = next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)
    if found:
        return Path(found)
    return next((Path(path) for path in CHROMIUM_PATHS if Path(path).exists()), None)


def chromedriver() -> Path | None:
    program = shutil.which("chromedriver")
    return Path(program) if program else None


def firefox() -> Path | None:
    program = next((path for name in ("firefox-esr", "firefox") if (path := shutil.which(name))), None)
    return Path(program) if program else None


def webkit() -> bool:
    """WebKitGTK with its driver, a screen that nobody sees, and the bindings to open a window in it."""
    if not shutil.which("WebKitWebDriver") or not shutil.which("Xvfb") or not SYSTEM_PYTHON.exists():
        return False
    ask = "import gi; gi.require_version('WebKit2', '4.1')"
    return subprocess.run([SYSTEM_PYTHON, "-c", ask], capture_output=True, check=False).returncode == 0


def missing_engines() -> dict[str, str]:
    """Engines that cannot be driven here → what to do about it."""
    there = {
        "Chromium": chromium() is not None and chromedriver() is not None,
        "Firefox": firefox() is not None,
        "WebKit": webkit(),
    }
    return {
        name: f"{name}: apt install {' '.join(OF_ENGINES[name])}"
        for name, is_there in there.items()
        if not is_there
    }
