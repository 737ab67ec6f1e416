"""What was said, as foods with amounts: `parser.parse` reads a sentence."""
