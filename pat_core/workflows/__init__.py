"""The use cases that pages, background jobs and the command line call. Each takes a workspace and plain values and returns records.

Import what is needed from its own file: reading recordings must not wait, or find memory, for what training needs.
"""
