"""A page at an address, and all that it says."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from pages.components.shared.session_names import Key

ROOT = Path(__file__).resolve().parents[2]
OWN = "Own people"
FOLDED = (Key.NIGHTS_OPEN, Key.RHYTHM_OPEN, Key.WEAR_OPEN, Key.RECEIPT_OPEN)


def page_files() -> list[Path]:
    """Every page's file: those in pages/ and in its folders, but for what pages share."""
    files = [path for folder in ("*.py", "*/*.py") for path in (ROOT / "pages").glob(folder)]
    return sorted(path for path in files if path.name != "__init__.py" and path.parent.name != "components")


def opened_at(page: str, unfold: tuple[Key, ...] = FOLDED, **address: str) -> AppTest:
    """A page as the address asks for it, opened in a new tab, with these of its folded parts opened: each takes its share of every run."""
    app = unopened(page, unfold)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def unopened(page: str, unfold: tuple[Key, ...] = FOLDED) -> AppTest:
    """A tab that is about to show a page, so that something can be put into its session before."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).switch_page(page)
    for part in unfold if page == "pages/participant.py" else ():
        app.session_state[part] = True
    return app


def said_by(app: AppTest) -> str:
    return "\n".join(str(part.value) for part in [*app.main.markdown, *app.main.caption, *app.warning, *app.info, *app.error])
