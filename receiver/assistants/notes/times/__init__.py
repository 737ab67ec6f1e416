"""Times as people say them: read, worked out in a time zone, and said back."""
