"""What is answered with a language model: `adviser.Adviser` asks the bank through tools, and talks."""
