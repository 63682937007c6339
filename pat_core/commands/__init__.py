"""The verbs of the command line: plain options in, an answer out. `pat_core.__main__` parses and prints."""
