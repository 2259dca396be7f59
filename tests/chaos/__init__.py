"""Everything fails at once, and three ledgers must still agree (docs/chaos.md)."""
