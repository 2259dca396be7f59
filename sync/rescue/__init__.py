"""Files that phones hand to the office when nothing else works (ADR 0020)."""
