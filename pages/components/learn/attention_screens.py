"""The screens of lesson 4, attention."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.components.learn.lesson_frame import Question, Screen, answer_first, chart, dragged, moved, reading, set_moved
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.figures.lessons import attention_charts
from pat_core.figures.lessons.dragged_week import dragged_query, queries_of
from pat_core.figures.lessons.lesson_chart import moment
from pat_core.workflows.lessons import lesson_attention as attention

ORDERS = {"attention": _("most attended first"), "gradients": _("most raising first (lesson 5)"), "random": _("in random order")}


def _activity(person: int = 0) -> np.ndarray:
    return attention.two_models().counts[person].reshape(attention.TOKENS, attention.PATCH).mean(axis=1)


def _query(answered: bool) -> Question:
    place, last = ("attention", 1), 167
    hour = moved(place, st.slider, _("Hour of the week that asks (0 is Monday, 00:00)"), 38, min_value=0, max_value=last)
    weights = attention.weights()
    queries, mean = queries_of(last + 1, attention.TOKENS), weights.mean(axis=0)
    query = int(queries[hour])
    row = mean[query]
    dragged(place, dragged_query(_activity(), mean[queries], hour, theme=theme_name()), lambda asked: set_moved(place, int(asked)))
    reading(
        _("{time} attends most to {most}, with {share:.1f} % of its attention.").format(
            time=moment(query * 18), most=moment(int(row.argmax()) * 18), share=100 * row.max()
        )
    )
    alike = attention.alike(mean[::14])
    return Question(
        _("Walk the query through nights and days. How much does its map change?"),
        {"same": _("Little: most hours attend to the same patches"), "near": _("Wholly: it always attends to its neighbours"),
         "random": _("Wholly, without any order")},
        "same" if alike > 0.6 else "random",
        _(
            "The maps of 40 queries, spread over the week, correlate by {alike:.2f} on average. So the mean over all queries says most of"
            " it: how much attention each patch receives. Every query has 100 % to give."
        ).format(alike=alike),
    )  # fmt: skip


def _heads(answered: bool) -> Question:
    head = moved(("attention", 2), st.select_slider, _("Head"), 1, options=list(range(1, 7)))
    weights = attention.weights()
    maps = attention.received_by(weights)
    chart(
        attention_charts.week_map(_activity(), {_("attention received, head {head}").format(head=head): maps[head - 1]}, theme=theme_name())
    )
    even = attention.evenness(weights)
    reading(_("Evenness of this head: {even:.2f} (1 is the same attention everywhere).").format(even=even[head - 1]))
    choices = sorted({int(even.argmax()), int(even.argmin()), 0} | {3}, key=int)[:4]
    three = [int(even.argmax()), *[one for one in choices if one != int(even.argmax())]][:3]
    return Question(
        _("Go through the six heads. Which of these looks nearly everywhere alike?"),
        {str(one): _("Head {head}").format(head=one + 1) for one in sorted(three)},
        str(int(even.argmax())),
        _(
            "Head {even} has an evenness of {most:.2f}, head {sharp} of {least:.2f}. The six maps correlate by {alike:.2f}: each head has"
            " its own view, and a mean over heads is a map that none of them has."
        ).format(even=even.argmax() + 1, most=even.max(), sharp=even.argmin() + 1, least=even.min(), alike=attention.alike(maps)),
    )


def _truth(answered: bool) -> Question:
    two, person = attention.two_models(), 0
    if answered:
        person = moved(("attention", 3), st.select_slider, _("Simulated person"), 1, options=list(range(1, attention.SHOWN + 1))) - 1
    else:
        answer_first()
    planted = two.evidence.reshape(attention.SHOWN, attention.TOKENS, attention.PATCH).mean(axis=2) > 0.5
    shares = np.array([two.received[0, one][planted[one]].mean() for one in range(attention.SHOWN)])
    if answered:
        received = {_("attention received"): two.received[0, person]}
        chart(attention_charts.week_map(_activity(person), received, planted=planted[person], theme=theme_name()))
        share = shares[person]
        reading(_("The planted mornings receive {share:.1f} times an even share.").format(share=share))
    mean, part = shares.mean(), planted.mean()
    within = mean * part
    return Question(
        _(
            "These people sleep in: {part:.0f} % of their week is planted, quiet mornings, and the model scores by them. How much of all "
            "attention falls there?"
        ).format(part=100 * part),
        {"most": _("More than half"), "some": _("More than their share, but less than half"), "less": _("No more than their share")},
        "most" if within > 0.5 else "some" if mean > 1.2 else "less",
        _(
            "{within:.0f} % of the attention falls on {part:.0f} % of the week. The map leans towards the truth here, and most of it "
            "still lies elsewhere. Only planted truth lets us say so."
        ).format(within=100 * within, part=100 * part),
    )


def _two(answered: bool) -> Question:
    two, person = attention.two_models(), 0
    aucs, shared = two.aucs, np.mean([two.shared(one) for one in range(attention.SHOWN)])
    if answered:
        person = moved(("attention", 4), st.select_slider, _("Simulated person"), 1, options=list(range(1, attention.SHOWN + 1))) - 1
        maps = {_("model A"): two.received[0, person], _("model B"): two.received[1, person]}
        chart(attention_charts.week_map(_activity(person), maps, theme=theme_name()))
        (first, second), same = two.logits[:, two.rows[person]], two.shared(person)
        reading(
            _("Score of A {first:.2f}, of B {second:.2f}. Of the strongest 28 patches {shared:.0f} % are the same.").format(
                first=first, second=second, shared=100 * same
            )
        )
    else:
        answer_first()
    return Question(
        _("Two models score these people alike. Of the 28 patches (5 %) that get most attention in A, how many do so in B too?"),
        {"all": _("Nearly all"), "half": _("About half"), "none": _("Nearly none")},
        "all" if shared > 0.8 else "none" if shared < 0.2 else "half",
        _(
            "{shared:.0f} % on average. On 200 people whom neither has seen, the AUC of A is {first:.2f} and of B {second:.2f} "
            "(difference {difference:.3f}, 95 % interval {low:.3f} to {high:.3f}). The same answer can come with another map, so neither "
            "map is the reason."
        ).format(
            shared=100 * shared, first=aucs.first, second=aucs.second, difference=aucs.difference.value, low=aucs.difference.low,
            high=aucs.difference.high,
        ),
    )  # fmt: skip


def _test(answered: bool) -> Question:
    two = attention.two_models()
    changes = two.changes.mean(axis=(0, 1))
    by_order = dict(zip(attention.ORDERS, changes, strict=True))
    at = attention.TAKEN.index(80)
    if answered:
        taken = moved(("attention", 5), st.select_slider, _("Patches that are taken out"), 20, options=attention.TAKEN)
        chart(
            attention_charts.without_patches(attention.TAKEN, {ORDERS[key]: by_order[key] for key in by_order}, taken, theme=theme_name())
        )
    else:
        answer_first()
    return Question(
        _("A test: put patches to the mean week and see the score fall. Which order of 80 patches makes it fall most?"),
        ORDERS,
        min(by_order, key=lambda key: by_order[key][at]),
        _(
            "With 80 patches: attended {attention:+.1f}, raising {gradients:+.1f}, random {random:+.1f} logits. Here attended patches do "
            "matter, and only the test shows it: two other maps gave the same score. Gradients know up from down, and do a little better."
        ).format(attention=by_order["attention"][at], gradients=by_order["gradients"][at], random=by_order["random"][at]),
    )


SCREENS = (
    Screen(
        _("One patch asks"),
        _(
            "In attention every patch asks, and shares out 100 % of its attention over all patches of the week. Drag the violet patch over "
            "the week: the amber strips show where it looks. The model is the demonstration’s; it tells late sleepers from others."
        ),
        _query,
    ),
    Screen(
        _("Six heads"),
        _(
            "Attention is made six times side by side, by six heads, each with weights of its own. Now all queries are averaged: the "
            "strip shows how much each patch receives from a head."
        ),
        _heads,
    ),
    Screen(
        _("Does it look at the truth?"),
        _(
            "The people here are simulated, so we know why they belong to the group: they sleep in, and hours of morning activity are "
            "missing. The model was trained on that. Does it attend to it?"
        ),
        _truth,
    ),
    Screen(
        _("Same score, another map"),
        _(
            "Model B learned the same task from the same people, but began with another encoder. On new people both are about equally "
            "good, and these eight get nearly the same score from both."
        ),
        _two,
    ),
    Screen(
        _("Put the map to a test"),
        _(
            "If attended patches decide the score, then the score must fall without them. Both models, eight people: take out more and "
            "more patches, in three orders."
        ),
        _test,
    ),
)
