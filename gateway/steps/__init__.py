"""The four steps of the work: collect, submit, track, reply. Each is safe to repeat at any time."""
