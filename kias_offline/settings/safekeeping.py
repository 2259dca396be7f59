"""What lies outside the database: the sealing keys, the audit stream; and what a restore leaves out."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from kias_offline.settings.environment import DEPLOYMENT, PRODUCTION, VAR_DIR, env

#: Folders with the sealing keys. A key goes to phones only when it lies in all of them (at least two).
SEALING_KEY_DIRS = [
    Path(p) for p in env.list("SEALING_KEY_DIRS", [str(VAR_DIR / "keys-a"), str(VAR_DIR / "keys-b")])
]
if len(set(SEALING_KEY_DIRS)) < 2:
    raise ImproperlyConfigured("SEALING_KEY_DIRS needs two folders on different disks, comma-separated.")
if PRODUCTION and not env.str("SEALING_KEY_DIRS", ""):
    raise ImproperlyConfigured("Set SEALING_KEY_DIRS to two folders outside the database and the code.")

#: A folder outside the database, on a disk that its backups do not share: the audit stream and the high-water
#: mark (docs/runbook.md, «Restore»). All processes on all hosts share it. Empty, as in tests: there is none.
AUDIT_STREAM = env.str("AUDIT_STREAM", "" if PRODUCTION or DEPLOYMENT == "test" else str(VAR_DIR / "audit"))
if PRODUCTION:
    if not AUDIT_STREAM:
        raise ImproperlyConfigured("Set AUDIT_STREAM to a folder outside the database and the code.")
    if not os.access(AUDIT_STREAM, os.R_OK | os.W_OK | os.X_OK):
        raise ImproperlyConfigured(
            f"AUDIT_STREAM: {AUDIT_STREAM} is no folder that this process can write; make it for its user."
        )
#: how many numbers of each series a restored server leaves out beyond those it can know of (spec «Epoch»)
RESTORE_SERIES_MARGIN = env.int("RESTORE_SERIES_MARGIN", 1_000)
if RESTORE_SERIES_MARGIN < 1:
    raise ImproperlyConfigured("RESTORE_SERIES_MARGIN is a number of numbers: 1 or more.")
