"""PAT Explorer. `python -m streamlit run app.py` finds the server below and lets it run this file once more for each reader, as a script:
then it is the router."""

from pathlib import Path

import streamlit as st

if __name__ == "__main__":
    from pages.components.shared.shell import sidebar
    from pages.components.shared.trouble_guard import guarded, standing

    st.set_page_config(page_title="PAT Explorer", page_icon=Path(__file__).parent / "assets" / "favicon.png", layout="wide")

    page = st.navigation(
        {
            "Look": [
                st.Page("pages/overview.py", title="Overview", default=True),
                st.Page("pages/participants.py", title="Participants"),
                st.Page("pages/participant.py", title="Participant"),
                st.Page("pages/explain.py", title="Explain"),
                st.Page("pages/what_if.py", title="What-if"),
            ],
            "Build": [
                st.Page("pages/data.py", title="Data"),
                st.Page("pages/models.py", title="Models"),
                st.Page("pages/finetune.py", title="Fine-tune"),
            ],
        }
    )
    sidebar()
    standing()
    with guarded():
        page.run()
else:
    from starlette.middleware import Middleware

    from pages.components.shared.local_access import Border, opened

    app = st.App(__file__, middleware=[Middleware(Border)], lifespan=opened)
