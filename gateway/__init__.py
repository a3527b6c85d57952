"""The gateway itself: what runs, in which order, against which LAPOR."""
