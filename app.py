"""PAT Explorer. `python -m streamlit run app.py` finds the server below and lets it run this file once more for each reader, as a script:
then it is the router."""

from pathlib import Path

import streamlit as st

if __name__ == "__main__":
    from pages.components.learn.lesson_list import LESSONS, TEACHERS
    from pages.components.shared.session import begin_run
    from pages.components.shared.shell import sidebar
    from pages.components.shared.torch_ahead import a_page_stands
    from pages.components.shared.trouble_guard import guarded, standing
    from pages.components.shared.words import _

    st.set_page_config(page_title=_("PAT Explorer"), page_icon=Path(__file__).parent / "assets" / "favicon.png", layout="wide")

    begin_run()
    page = st.navigation(
        {
            _("Look"): [
                st.Page("pages/overview.py", title=_("Overview"), default=True),
                st.Page("pages/participants.py", title=_("Participants")),
                st.Page("pages/participant.py", title=_("Participant")),
                st.Page("pages/report.py", title=_("Report")),
                st.Page("pages/explain.py", title=_("Explain")),
                st.Page("pages/what_if.py", title=_("What-if")),
            ],
            _("Build"): [
                st.Page("pages/data.py", title=_("Data")),
                st.Page("pages/models.py", title=_("Models")),
                st.Page("pages/finetune.py", title=_("Fine-tune")),
                st.Page("pages/pretrain.py", title=_("Pretrain")),
                st.Page("pages/evaluate.py", title=_("Evaluate")),
                st.Page("pages/compare.py", title=_("Compare models")),
                st.Page("pages/backends.py", title=_("Backends")),
            ],
            _("Learn"): [
                *(st.Page(lesson.page, title=lesson.short) for lesson in LESSONS.values()),
                st.Page(TEACHERS, title=_("For teachers")),
            ],
        },
        expanded=True,
    )
    sidebar()
    standing()
    with guarded():
        page.run()
    a_page_stands()
else:
    from starlette.middleware import Middleware

    from pages.components.shared.local_access import Border, opened

    app = st.App(__file__, middleware=[Middleware(Border)], lifespan=opened)
