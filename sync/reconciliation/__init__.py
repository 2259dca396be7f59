"""Comparing our receipts with KIAS's documents, nightly and on demand (ADR 0028)."""
