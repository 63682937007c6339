"""What the project puts out, recorded and compared bit for bit: `python -m benchmarks.outputs`."""
