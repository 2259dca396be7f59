"""Start the simulator: `python -m sync.kias.simulator --port 8010 --ledger var/kias.sqlite3`."""

import argparse
import os
import signal
import sys
from pathlib import Path

from sync.kias.simulator.control import World
from sync.kias.simulator.ledger import Ledger
from sync.kias.simulator.rules import Rules
from sync.kias.simulator.server import Simulator
from sync.kias.simulator.service import Service


def main() -> int:
    if os.environ.get("DEPLOYMENT") == "production":
        print("Симулятор КИАС не запускается там, где DEPLOYMENT=production.", file=sys.stderr)
        return 1
    given = argparse.ArgumentParser(prog="python -m sync.kias.simulator", description="Симулятор КИАС.")
    given.add_argument("--host", default="127.0.0.1")
    given.add_argument("--port", type=int, required=True, help="0: any free port, told in the first line")
    given.add_argument("--ledger", type=Path, required=True, help="file of the durable ledger")
    given.add_argument("--user", default="offline")
    given.add_argument("--password", default="offline-demo")
    given.add_argument("--check-after", type=float, default=2.0, help="seconds until a check is formed")
    given.add_argument(
        "--seed", default="", help="of the random faults and latencies; told in the first line"
    )
    options = given.parse_args()
    service = Service(Ledger(options.ledger, options.check_after), Rules(), options.user, options.password)
    try:
        world = World(service, options.seed)
        simulator = Simulator((options.host, options.port), world)
    except OSError as error:
        print(f"Порт {options.port} занят или недоступен: {error.strerror}. Укажите другой.", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    port = simulator.server_address[1]
    print(f"Симулятор КИАС: http://{options.host}:{port}/ledger seed={world.faults.seed}", flush=True)
    try:
        simulator.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
