"""Activities of raw acceleration: what a harnet makes of windows."""
