"""Times: how files write them, which zone they are in, and their way onto a regular grid of epochs."""
