"""A page at an address, and all that it says."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from pages.components.shared.session_names import Key, Param

ROOT = Path(__file__).resolve().parents[2]
OWN = "Own people"


def page_files() -> list[Path]:
    """Every page's file: those in pages/ and in its folders, but for what pages share."""
    files = [path for folder in ("*.py", "*/*.py") for path in (ROOT / "pages").glob(folder)]
    return sorted(path for path in files if path.name != "__init__.py" and path.parent.name != "components")


def opened_at(page: str, **address: str) -> AppTest:
    """A page as the address asks for it, opened in a new tab."""
    app = unopened(page)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def unopened(page: str) -> AppTest:
    """A tab that is about to show a page, so that something can be put into its session before."""
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).switch_page(page)


def said_by(app: AppTest) -> str:
    return "\n".join(str(part.value) for part in [*app.main.markdown, *app.main.caption, *app.warning, *app.info, *app.error])


def look_at(app: AppTest, tab: str) -> AppTest:
    """Another tab of a person's page."""
    app.segmented_control(key=Key.BOX.of(Param.TAB)).set_value(tab)
    return app.run()
