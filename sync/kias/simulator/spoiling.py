"""What a fault does to one call: instead of the work, or after it."""

from dataclasses import dataclass, field

from sync.kias.simulator import envelope
from sync.kias.simulator.faults import Fault
from sync.kias.simulator.service import Service, as_text, error

XML, HTML = "text/xml; charset=utf-8", "text/html; charset=utf-8"


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; `silent_s`: say nothing for so long, or until the caller hangs up, then hang up."""

    status: int = 200
    body: bytes = b""
    content_type: str = XML
    headers: dict[str, str] = field(default_factory=dict)
    silent_s: float | None = None


LOST = Reply(silent_s=0.0)


def later(status: int, seconds: float) -> Reply:
    """Not now: come back after so many whole seconds."""
    return Reply(status, b"{}", "application/json", {"Retry-After": str(max(1, round(seconds + 0.49)))})


def before(fault: Fault, service: Service, procedure: str, params: dict[str, str]) -> Reply | None:
    """The answer instead of the work, None where the work is to be done."""
    match fault.kind:
        case "refuse":
            return later(503, fault.seconds)
        case "rate_limit":
            return later(429, fault.seconds)
        case "expire" if procedure != "auth":
            service.ledger.end_sessions()
            return Reply(body=envelope.answer(as_text(error("001", "Сеанс закончился. Войдите снова."))))
        case "http_500":
            return Reply(500, b"<h1>Runtime Error</h1>", HTML)
        case "soap_fault":
            return Reply(500, envelope.fault("Server was unable to process"))
        case "not_ours":
            return Reply(200, b"<!doctype html><p>Wi-Fi login</p>", HTML)
        case "bare_error":
            return Reply(body=envelope.answer("<data><error/></data>"))
        case "commit_late":
            if procedure == "save" and service.would_save(params):
                service.ledger.save_late(params, fault.seconds)
            return Reply(silent_s=fault.seconds)
        case "double" if procedure == "save" and service.would_save(params):
            service.ledger.save(params)
    return None


def after(fault: Fault, answer: str) -> Reply:
    """The work is done and `answer` is what KIAS would say; what is said instead."""
    match fault.kind:
        case "lose_answer":
            return LOST
        case "http_500_after":
            return Reply(500, b"<h1>Runtime Error</h1>", HTML)
        case "malformed":
            return Reply(body=b"<soap:Envelope><soap:Body><ExecProcResp")
        case "empty":
            return Reply()
        case "no_result":
            return Reply(body=envelope.answer("<data/>"))
        case "two_results":
            inner = answer.removeprefix("<data>").removesuffix("</data>")
            return Reply(body=envelope.answer(f"<data>{inner}{inner}</data>"))
        case _:
            return Reply(body=envelope.answer(answer))
