"""What the relay costs: `python -m bench`, or `make bench`. Loopback only, bounded in time, no account needed."""
