"""The way of a receipt to KIAS: claimed, asked about, saved, its check looked for (ADR 0003, 0025)."""
