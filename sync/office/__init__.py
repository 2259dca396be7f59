"""What the office does to receipts: acts on one, annulling, refunds and corrections, the accounting date."""
