"""From a file to the raw layer: what is taken, what is refused, and in which words."""
