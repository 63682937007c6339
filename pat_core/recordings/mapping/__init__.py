"""Tables whose columns no reader knows: what each column means, guessed from names and content, said by the reader, read by it."""

from .files import MappedReader
from .guessing import Guess, guess
from .reading import first_rows, in_minutes, read_epochs, read_mapped
from .record import LONGEST_EPOCH, Mapping, MappingError, fingerprint, from_json, problems, to_json
from .table import UNREADABLE, Shape, fits, fitting
from .unknown import why_unknown

__all__ = [
    "LONGEST_EPOCH", "UNREADABLE", "Guess", "MappedReader", "Mapping", "MappingError", "Shape", "fingerprint", "first_rows", "fits",
    "fitting", "from_json", "guess", "in_minutes", "problems", "read_epochs", "read_mapped", "to_json", "why_unknown",
]  # fmt: skip
