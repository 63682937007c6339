import numpy as np

from pat_core.rhythms import rest_periods


def night(*awake: tuple[int, int]) -> np.ndarray:
    asleep = np.zeros(1440, dtype=bool)
    asleep[60:540] = True
    for first, end in awake:
        asleep[first:end] = False
    return asleep


def test_a_night_with_one_short_waking_is_one_rest_period():
    rest = rest_periods(night((200, 212)))
    assert rest[60:540].all() and rest.sum() == 480


def test_a_long_waking_divides_the_night():
    rest = rest_periods(night((250, 310)))
    assert not rest[250:310].any() and rest[60:250].all() and rest[310:540].all()


def test_pauses_and_naps_are_not_shaded():
    asleep = np.zeros(1440, dtype=bool)
    asleep[600:690] = True
    assert not rest_periods(asleep).any()


def test_sleep_and_waking_in_turns_is_no_rest_period():
    asleep = np.arange(1440) % 20 < 8
    assert not rest_periods(asleep).any()


def test_waking_at_the_ends_of_a_week_is_not_taken_for_sleep():
    rest = rest_periods(night((60, 70), (530, 540)))
    assert not rest[:70].any() and not rest[530:].any()


def test_a_quiet_afternoon_is_no_second_night_of_its_day():
    asleep = np.zeros(2880, dtype=bool)
    asleep[780:970] = True  # 13:00 to 16:10
    asleep[1380:1860] = True  # 23:00 to 07:00
    rest = rest_periods(asleep)
    assert not rest[:1380].any() and rest[1380:1860].all()
    turned = rest_periods(np.roll(asleep, -600), start_minute=600)
    assert (np.roll(turned, 600) == rest).all()
