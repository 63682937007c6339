"""Tables whose columns no reader knows: what each column means, guessed from names and content, said by the reader, read by it."""

from pat_core.recordings.mapping.guessing import Guess, guess
from pat_core.recordings.mapping.mapped_files import MappedReader
from pat_core.recordings.mapping.mapped_table import first_rows, in_minutes, read_epochs, read_mapped
from pat_core.recordings.mapping.mapping_record import LONGEST_EPOCH, Mapping, MappingError, fingerprint, from_json, problems, to_json
from pat_core.recordings.mapping.text_table import UNREADABLE, Shape, fits, fitting
from pat_core.recordings.mapping.unknown_table import why_unknown

__all__ = [
    "LONGEST_EPOCH", "UNREADABLE", "Guess", "MappedReader", "Mapping", "MappingError", "Shape", "fingerprint", "first_rows", "fits",
    "fitting", "from_json", "guess", "in_minutes", "problems", "read_epochs", "read_mapped", "to_json", "why_unknown",
]  # fmt: skip
