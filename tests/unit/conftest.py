"""How many examples does Hypothesis try here? Few, so that the whole tier stays quick, and without a deadline each."""

from hypothesis import settings

settings.register_profile("unit", max_examples=40, deadline=None)
settings.load_profile("unit")
