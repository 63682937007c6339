"""What `benchmarks.fuzz` feeds with damaged files, and what it takes for an answer."""
