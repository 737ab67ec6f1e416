"""What is answered with a language model: `coach.Coach` talks, and acts through tools."""
