"""What is answered without a language model: `dialogue.respond` answers one turn."""
