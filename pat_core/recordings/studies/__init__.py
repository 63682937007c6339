"""Files of studies and processing tools (NHANES, MESA, UK Biobank, GGIR): one reader a format."""
