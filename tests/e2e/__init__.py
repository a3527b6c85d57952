"""The whole gateway as its users run it: the command line as a process, real sources, a LAPOR mock, real sockets."""
