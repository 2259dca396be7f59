"""The two conversations' memory: with the phones (epoch, intake exceptions) and with KIAS (deliveries)."""

from sync.models.backups import VerifiedBackup as VerifiedBackup
from sync.models.delivery import AgentTurn as AgentTurn
from sync.models.delivery import Attempt as Attempt
from sync.models.delivery import Delivery as Delivery
from sync.models.delivery import KiasSession as KiasSession
from sync.models.delivery import KiasSlot as KiasSlot
from sync.models.delivery import Outcome as Outcome
from sync.models.delivery import Stage as Stage
from sync.models.heartbeat import Heartbeat as Heartbeat
from sync.models.intake import Epoch as Epoch
from sync.models.intake import IntakeException as IntakeException
from sync.models.reconciliation import Difference as Difference
from sync.models.reconciliation import ReconciliationFinding as ReconciliationFinding
from sync.models.reconciliation import ReconciliationRun as ReconciliationRun
from sync.models.refusals import Acts as Acts
from sync.models.refusals import KiasRefusal as KiasRefusal
from sync.models.rescue import Condition as Condition
from sync.models.rescue import RescueImport as RescueImport
from sync.models.rest import KiasCircuit as KiasCircuit
from sync.models.rest import KiasListing as KiasListing
from sync.models.rest import KiasPause as KiasPause
from sync.models.rest import KiasWindow as KiasWindow
from sync.models.restore import HighWater as HighWater
