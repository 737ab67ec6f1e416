"""What is said and done in a turn of the notes assistant, by rules alone."""
