"""Real input, by the hundreds, through the whole gateway."""
