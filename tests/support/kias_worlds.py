"""What may be done to KIAS, whichever stands for it: the twin in memory, or the simulator behind SOAP."""

from datetime import timedelta
from typing import Protocol

from sync.kias.gateway import KiasDocument, KiasGateway
from tests.support.kias_process import KiasProcess
from tests.support.kias_twin import KiasTwin


class World(Protocol):
    """One KIAS and the gateway to it."""

    @property
    def gateway(self) -> KiasGateway: ...

    def order(self, kind: str, seconds: float = 0.0, only: str = "") -> None: ...
    def count(self) -> int: ...
    def write_by_hand(self, document: KiasDocument) -> None: ...
    def annul(self, isn: str) -> None: ...
    def page_size(self, documents: int) -> None: ...
    def go_away(self) -> None: ...


class TwinWorld:
    def __init__(self) -> None:
        self.gateway = self.twin = KiasTwin(check_after=timedelta(seconds=0.2))
        self.order = self.twin.order

    def count(self) -> int:
        return len(self.twin.documents)

    def write_by_hand(self, document: KiasDocument) -> None:
        self.twin.write_by_hand(document)

    def annul(self, isn: str) -> None:
        self.twin.annul(isn)

    def page_size(self, documents: int) -> None:
        self.twin.page_size = documents

    def go_away(self) -> None:
        self.twin.outage = True


class SimulatorWorld:
    def __init__(self, kias: KiasProcess) -> None:
        self.kias = kias
        self.gateway = kias.gateway()

    def order(self, kind: str, seconds: float = 0.0, only: str = "") -> None:
        self.kias.control(faults=[{"kind": kind, "seconds": seconds, "only": only}])

    def count(self) -> int:
        return len(self.kias.documents())

    def write_by_hand(self, document: KiasDocument) -> None:
        self.kias.control(
            write={
                "Number": document.number,
                "Date": f"{document.date:%d.%m.%Y}",
                "Sum": f"{document.amount // 100}.{document.amount % 100:02}",
                "PolicySeries": document.policy_series,
                "PolicyNumber": document.policy_number,
                "Instalment": document.instalment,
            }
        )

    def annul(self, isn: str) -> None:
        self.kias.control(annul=isn)

    def page_size(self, documents: int) -> None:
        self.kias.control(page_size=documents)

    def go_away(self) -> None:
        self.kias.stop()
