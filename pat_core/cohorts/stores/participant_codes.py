"""Codes in place of people in model files: earlier versions wrote the participants of a model's test into its file, its card and the
result of its run. Called where a workspace is opened, once for all that lies there, and where a file is brought or taken away.

A model's file gets a new name and the database the new hash in one transaction, then the old file goes: a kill at any moment leaves one
that is whole, and the next opening goes on. Files that ship with the program name simulated people only and stay as they are.
"""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pat_core import settings
from pat_core.cohorts.database_values import from_json, to_json
from pat_core.cohorts.kept.shelf import temporary
from pat_core.cohorts.stores.cohort_store import code_for
from pat_core.cohorts.stores.model_store import ModelStore
from pat_core.cohorts.stores.person_store import PersonStore
from pat_core.cohorts.stores.run_store import RunStore
from pat_core.errors import WeightsError
from pat_core.files import make_folder, open_private, replacing

DONE = "model files name nobody"
_CODE = re.compile(r"[0-9a-f]{32}")
logger = logging.getLogger(__name__)


class Nameless(PersonStore, ModelStore, RunStore):
    """The part of the workspace that keeps people out of model files."""

    def named(self, card: Mapping[str, Any]) -> bool:
        """Whether a card names people. A participant that looks like a code counts as named where a cohort has one called so."""
        people = _people(card)
        codes = [name for name in people if _CODE.fullmatch(name)]
        if len(codes) < len(people):
            return True
        with self.reading() as connection:
            known = {name for (name,) in connection.execute("SELECT participant FROM people WHERE length(participant) = 32")}
        return not known.isdisjoint(codes)

    def nameless_card(self, card: Mapping[str, Any], secret: str) -> dict[str, Any]:
        """The card with codes in place of people: those of the cohort that it was trained on, where that is here; else made with
        `secret`, which nobody keeps."""
        people, cohort = _people(card), next((info.name for info in self.cohorts() if info.id == card.get("cohort_id")), None)
        codes = self.codes(cohort, people) if cohort else [code_for(who, secret) for who in people]
        return {**card, "test": {**card["test"], "people": codes}}

    def nameless(self, content: bytes, where: str, secret: str | None = None) -> bytes:
        """A weight file's content with codes in place of people; the same bytes where it names nobody. WeightsError where it is damaged."""
        from pat_core.weights.safetensors_file import card_in, with_card  # it brings torch, which opening a workspace need not wait for

        card = card_in(content, where)
        if not self.named(card) or hashlib.sha256(content).hexdigest() in shipped():
            return content
        return with_card(content, self.nameless_card(card, secret or secrets.token_hex(32)), where)

    @contextmanager
    def naming_nobody(self, path: Path) -> Iterator[Path]:
        """A weight file to be brought in: itself where it names nobody, else a copy with codes that lives as long as the block."""
        from pat_core.weights.loading import FILE_BYTES_AT_MOST

        draft = temporary(self.folder / "models")
        try:
            content = path.read_bytes() if path.is_file() and path.stat().st_size <= FILE_BYTES_AT_MOST else b""
            coded = self.nameless(content, path.name)
        except (OSError, WeightsError):  # whoever loads it says what is the matter
            content = coded = b""
        try:
            if coded != content:
                path = make_folder(draft) / path.name
                with open_private(path, "wb") as stream:
                    stream.write(coded)
            yield path
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def forget_named(self) -> None:
        """Put codes in place of people in all model files, cards and results of runs; once done it is not done again."""
        if self.setting(DONE):
            return
        secret, whole = secrets.token_hex(32), True  # one for all: copies of one file stay the same
        for path in [*(self.folder / "models").glob("*/model*"), *(self.folder / "runs").glob("*/best.safetensors")]:
            try:
                (self._of_model if path.parent.parent.name == "models" else self._of_run)(path, secret)
            except WeightsError as error:  # cannot be used, nor taken away
                logger.warning("%s was left as it is: %s", path, error)
            except OSError as error:
                logger.warning("%s still names people: %s", path, error)
                whole = False
        self._of_records(secret)
        if whole:
            self.keep_setting(DONE, True)

    def _of_model(self, path: Path, secret: str) -> None:
        identity = path.parent.name
        with self.reading() as connection:
            row = connection.execute("SELECT file, sha256, card FROM models WHERE id = ?", (identity,)).fetchone()
        if row is None:
            return
        file, sha256, card = row
        if path.name != file:  # what it was before, or was to become, when a process was killed
            path.unlink(missing_ok=True)
            return
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            return
        coded = self.nameless(content, path.name, secret)
        if coded == content:
            return
        new = path.with_name(f"model-{hashlib.sha256(coded).hexdigest()[:8]}{path.suffix}")
        with open_private(new, "wb") as stream:
            stream.write(coded)
        plain, hashed = to_json(self._nameless(from_json(card), secret)), hashlib.sha256(coded).hexdigest()
        with self.writing() as connection:
            connection.execute("UPDATE models SET file = ?, sha256 = ?, card = ? WHERE id = ?", (new.name, hashed, plain, identity))
            connection.execute("UPDATE OR REPLACE predictions SET model_sha256 = ? WHERE model_sha256 = ?", (hashed, sha256))
            for run, result in connection.execute("SELECT id, result FROM runs WHERE result IS NOT NULL").fetchall():
                stored = from_json(result)
                if stored.get("model_sha256") == sha256:
                    connection.execute("UPDATE runs SET result = ? WHERE id = ?", (to_json(stored | {"model_sha256": hashed}), run))
        path.unlink(missing_ok=True)

    def _of_run(self, path: Path, secret: str) -> None:
        content = path.read_bytes()
        coded = self.nameless(content, path.name, secret)
        if coded != content:
            with replacing(path) as waiting:
                waiting.write_bytes(coded)

    def _of_records(self, secret: str) -> None:
        """What the database says of models and runs, also of those whose file is gone or damaged."""
        ours = shipped()
        with self.reading() as connection:
            models = connection.execute("SELECT id, card, sha256 FROM models").fetchall()
            runs = connection.execute("SELECT id, result, cohort_id FROM runs WHERE result IS NOT NULL").fetchall()
        cards = {identity: from_json(card) for identity, card, sha256 in models if sha256 not in ours}
        results = {identity: (from_json(result), cohort) for identity, result, cohort in runs}
        new_cards = {identity: self.nameless_card(card, secret) for identity, card in cards.items() if self.named(card)}
        new_tests = {
            identity: self.nameless_card(stored | {"cohort_id": cohort}, secret)["test"]
            for identity, (stored, cohort) in results.items()
            if stored.get("model_sha256") not in ours and self.named(stored)
        }
        with self.writing() as connection:
            for identity, card in new_cards.items():
                connection.execute("UPDATE models SET card = ? WHERE id = ?", (to_json(card), identity))
            for identity, test in new_tests.items():
                connection.execute("UPDATE runs SET result = ? WHERE id = ?", (to_json(results[identity][0] | {"test": test}), identity))

    def _nameless(self, card: dict[str, Any], secret: str) -> dict[str, Any]:
        return self.nameless_card(card, secret) if self.named(card) else card


def _people(card: Mapping[str, Any]) -> list[str]:
    """Whom the test of a card names, participants or codes; [] where it names nobody."""
    test = card.get("test")
    named = test.get("people") if isinstance(test, Mapping) else None
    return [str(person) for person in named] if isinstance(named, list) else []


def shipped() -> frozenset[str]:
    """SHA-256 of each weight file that ships in assets/."""
    return frozenset(hashlib.sha256(path.read_bytes()).hexdigest() for path in settings.ASSETS.glob("*/*.safetensors"))
