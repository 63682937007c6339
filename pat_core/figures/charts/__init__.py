"""Every other figure: one chart a file."""
