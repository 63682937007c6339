"""Files of the workspace beside its database: arrays of cohorts and results that can be made again."""
