"""The fiscal check that a cash register formed for a receipt (domain facts, «The check»)."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalCheck:
    """What identifies one check. `amount` is in kopecks; `formed_at` is aware, in the register's own zone.

    `fn` is the fiscal drive (tag 1041), `fd` the document (1040), `fpd` its sign (1077). `sign` is tag 1054:
    1 for money taken (приход), 2 for money given back (возврат прихода).
    """

    fn: str
    fd: str
    fpd: str
    formed_at: datetime
    amount: int
    sign: int = 1

    def __post_init__(self) -> None:
        if self.formed_at.tzinfo is None:
            raise ValueError("formed_at needs a time zone")

    @property
    def qr(self) -> str:
        """The text of the QR on the check: wall time as the register printed it, roubles with two digits."""
        roubles, kopecks = divmod(self.amount, 100)
        return (
            f"t={self.formed_at:%Y%m%dT%H%M}&s={roubles}.{kopecks:02}"
            f"&fn={self.fn}&i={self.fd}&fp={self.fpd}&n={self.sign}"
        )
