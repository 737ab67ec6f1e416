"""See `receiver.store.migrations`."""
