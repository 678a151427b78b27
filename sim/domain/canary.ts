// Placeholder header: replaced.
