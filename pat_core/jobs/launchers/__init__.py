"""Where long work runs besides this computer. launcher_contract.py is what every kind of place can do; place_book.py keeps the places of a
workspace; launcher_kinds.py has the launcher of each kind.

The kinds of today reach the other machine through a porter: our own program there (porter.py), which answers over one SSH connection, or on
this computer through a pipe.
"""
