"""A stand-in for KIAS: own process, own durable ledger, no Django, never imported by the product.

`python -m sync.kias.simulator --port 8010 --ledger var/kias.sqlite3`. It behaves as KIAS does where it hurts:
saving twice makes two documents, a new login ends the older session, a check is formed some time later, and
answers are late, lost or nonsense when asked for (`/control`).
"""
