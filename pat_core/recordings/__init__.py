"""Recordings out of files: one reader a format behind one `reading.read(path)`. Formats and their order stand in format_registry.py."""
