"""The names of the figures, what they say, and their labels. docs/alerts.yml names no other."""

from dataclasses import dataclass

#: name, labels, value
Sample = tuple[str, dict[str, str], float]


@dataclass(frozen=True, slots=True)
class Figure:
    """`counts`: it only grows (a counter), else it goes up and down (a gauge)."""

    words: str
    labels: tuple[str, ...] = ()
    counts: bool = False


CATALOGUE = {
    # --- receipts and their way to KIAS
    "kias_receipts": Figure("Receipts by state; counting stops at 100,000 for each.", ("state",)),
    "kias_receipts_accepted_10m": Figure("Receipts accepted in the last 10 minutes."),
    "kias_receipts_rejected": Figure("Receipts that KIAS refused, by who has to act (P09).", ("acts",)),
    "kias_deliveries_waiting": Figure("Accepted receipts that KIAS does not have yet."),
    "kias_deliveries_oldest_seconds": Figure("For how long the oldest of them has been waiting."),
    "kias_deliveries_due": Figure("Steps that could be made now: nobody holds them, no pause is on."),
    "kias_deliveries_due_oldest_seconds": Figure("For how long the oldest of these has been due."),
    "kias_checks_waiting": Figure("Receipts in KIAS whose check is not formed yet."),
    "kias_attempts_10m": Figure(
        "Calls to KIAS begun in the last 10 minutes, by outcome; `running` has none yet, "
        "`lost` should have ended (its worker died).",
        ("operation", "outcome"),
    ),
    "kias_slots": Figure("Calls to KIAS that may run at once."),
    "kias_slots_in_use": Figure("Slots that a runner holds now."),
    "kias_session_age_seconds": Figure("Age of the shared login to KIAS; no sample while there is none."),
    "kias_login_refused": Figure("1 while KIAS refuses our login and it is not tried again (60 s)."),
    "kias_pause": Figure("1 while a pause is on: nothing is sent to KIAS because a person said so."),
    "kias_maintenance": Figure("1 while a maintenance window of KIAS is on (P37)."),
    "kias_maintenance_overrun_seconds": Figure(
        "For how long KIAS has still not answered after the end of its last window; 0 when it has."
    ),
    "kias_circuit_open": Figure("1 while KIAS takes no calls: one probe at a time tries (F09)."),
    "kias_circuit_open_seconds": Figure("For how long it has not answered."),
    "kias_calls_allowed": Figure("Calls that may run at once just now: less than the slots after a rest."),
    "kias_checks_late": Figure(
        "Receipts whose check is not there in time: `warn` after a working day, `alarm` after five days "
        "(settings); counting stops at 100,000.",
        ("level",),
    ),
    "kias_registered_too_late": Figure("Receipts that KIAS took although they had been moved meanwhile."),
    "kias_list_failing": Figure("1 while KIAS's list cannot be read: checks are looked for one by one."),
    "kias_intake_exceptions_open": Figure(
        "Envelopes that could not become receipts and wait for a person, by reason.", ("reason",)
    ),
    "kias_reconciliation_findings": Figure(
        "Open differences between our receipts and KIAS's documents; `twice` is a double.", ("difference",)
    ),
    "kias_reconciliation_age_seconds": Figure(
        "How long ago the last night's reconciliation was done; no sample before the first one."
    ),
    "kias_reconciliation_refused": Figure("1 when KIAS refused the last reconciliation."),
    # --- phones, agents, codes, numbers
    "kias_login_codes_sent_10m": Figure("Login attempts of the last 10 minutes to which an SMS was sent."),
    "kias_login_codes_entered_10m": Figure("How many of them entered the code."),
    "kias_login_throttled": Figure(
        "Purses of this hour that are empty: somebody was refused a code or a try.", ("purse",)
    ),
    "kias_installations": Figure("Installations that are not revoked."),
    "kias_installations_waiting": Figure("Installations that reported unsent receipts at the last contact."),
    "kias_installations_silent": Figure("Of these, the ones that have been silent for 3 days."),
    "kias_phones_heard_1h": Figure("Phones that told their clock in the last hour."),
    "kias_phones_same_skew": Figure("The largest group of them whose clocks miss ours by the same (P13)."),
    "kias_phones_same_skew_seconds": Figure("By how much; ahead of us is positive."),
    "kias_server_clock_suspect": Figure("1 while that group accuses our own clock: nobody is flagged (P13)."),
    "kias_phones_by_release": Figure(
        "Phones heard of in the last 30 days, by the app's release; `other` is what no release is called.",
        ("release",),
    ),
    "kias_phones_outdated": Figure("Of these, the ones that a security release has closed out (P21)."),
    "kias_phones_waiting_receipts": Figure("Unsent receipts on phones, as they last reported."),
    "kias_phones_waiting_kopecks": Figure("The sum of these receipts."),
    "kias_series_remaining": Figure("Numbers left in an active series.", ("series",)),
    "kias_series_alarm_at": Figure("When so many are left, the series asks for a successor.", ("series",)),
    # --- the parts of the system
    "kias_heartbeat_age_seconds": Figure("How long ago beat sent a task that a worker ran; +Inf: never."),
    "kias_worker_age_seconds": Figure("How long ago this worker ran beat's task.", ("worker",)),
    "kias_nudges_lost_total": Figure(
        "Tasks that the broker did not take after a commit; the sweep finds their rows (F12, P28).",
        ("kind",),
        counts=True,
    ),
    "kias_broker_up": Figure("1 when the broker answers."),
    "kias_broker_evicts": Figure("1 when the broker's maxmemory-policy is not noeviction (P28)."),
    "kias_broker_memory_used_ratio": Figure("Used memory of the broker over its bound; 0 without a bound."),
    "kias_queue_length": Figure("Tasks that wait in the broker.", ("queue",)),
    "kias_sealing_keys": Figure("Sealing keys that lie in all folders."),
    "kias_sealing_keys_incomplete": Figure("Sealing keys that are missing from at least one folder."),
    "kias_database_behind": Figure(
        "1 while the database is older than what was said: a restored backup (F15)."
    ),
    "kias_high_water_lost": Figure(
        "1 for a day after the mark outside the database was lost and begun anew, or until after_restore."
    ),
    "kias_audit_stream_writable": Figure("1 when revocations and dismissals can be written outside."),
    # --- always there, also when the rows cannot be counted
    "kias_database_up": Figure("1 when the figures could be counted."),
    "kias_build_info": Figure("1; the version that answers.", ("version",)),
}
