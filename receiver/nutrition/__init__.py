"""Facts about food: figures, portions and units. It knows nothing of sentences."""
