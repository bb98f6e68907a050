"""What a generator with styles can do beside sampling: truncation, mixing, walks."""
