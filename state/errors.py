"""Why can the state not be used?

StateError            the text says what to do
├── StateMissing      there is none where the configuration says
├── StateTooNew       a newer version of the gateway has written it
└── AnotherWriter     another process sends from it
"""


class StateError(Exception):
    """The state cannot be used; the text says what to do."""


class StateMissing(StateError):
    """There is no state where the configuration says."""


class StateTooNew(StateError):
    """A newer version of the gateway has written this state."""


class AnotherWriter(StateError):
    """Another process holds the right to send from this state."""
