"""The ``junheng`` command by group: a function parses, calls and prints; what it names does the work."""
