"""What a restored backup must not make us forget: epoch, high water, what is told anew (ADR 0030)."""
