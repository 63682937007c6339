"""What is no receipt is refused in a sentence, whatever it is."""

from __future__ import annotations

import pytest

from pat_core.errors import ExplanationError
from pat_core.workflows.receipts.receipt_reading import BYTES_AT_MOST, read_receipt


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "cannot be read as a receipt"),
        ("{", "cannot be read as a receipt"),
        ("[]", "JSON, but not a receipt"),
        ("null", "JSON, but not a receipt"),
        ('{"schema": NaN}', "NaN is not a number"),
        ('{"schema": 1e999}', "1e999 is not a number"),
        ('{"schema": 4, "schema": 4}', "twice"),
        ('{"schema": ' + "9" * 5000 + "}", "digits"),
        ("[" * 200_000, "cannot be read as a receipt"),
        (b"\xff\xfe\xff", "cannot be read as a receipt"),
        ("{}", "schema should be 5"),
        ('{"schema": 1}', "schema should be 5.*but is 1"),
        ('{"schema": true}', "schema should be 5"),
        ('{"schema": 5}', "made should be there, but is missing"),
        (" " * (BYTES_AT_MOST + 1), "at most 5 MB"),
    ],
)
def test_what_is_no_receipt_is_refused_in_a_sentence(text, words):
    with pytest.raises(ExplanationError, match=words):
        read_receipt(text)
