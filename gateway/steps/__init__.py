"""The four steps of the work: collect, submit, track, reply. Each is safe to repeat at any time."""

from gateway.steps.collect import collect
from gateway.steps.reply import reply
from gateway.steps.submit import submit
from gateway.steps.track import track

__all__ = ["collect", "reply", "submit", "track"]
