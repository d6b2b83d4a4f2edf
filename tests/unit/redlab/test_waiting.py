from redlab.waiting import until, while_moving


def test_the_first_true_answer_is_returned() -> None:
    answers = iter([None, "", "there", "later"])
    assert until(lambda: next(answers), seconds=60, interval_seconds=0) == "there"


def test_none_after_the_deadline() -> None:
    assert until(lambda: None, seconds=0.01, interval_seconds=0.001) is None


def test_the_condition_is_tried_even_without_time() -> None:
    assert until(lambda: True, seconds=-1) is True


def test_what_gets_on_is_waited_for() -> None:
    got = iter(range(100))
    assert while_moving(lambda: next(got) == 51, lambda: next(got), seconds=0, interval_seconds=0)


def test_what_gets_no_further_is_given_up() -> None:
    assert while_moving(lambda: None, lambda: "the same", seconds=0.01, interval_seconds=0.001) is None
