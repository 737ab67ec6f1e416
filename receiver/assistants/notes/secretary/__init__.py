"""The summary of a call by a language model, of which nothing is kept that was not said."""
