from redlab.waiting import until


def test_the_first_true_answer_is_returned() -> None:
    answers = iter([None, "", "there", "later"])
    assert until(lambda: next(answers), seconds=60, interval_seconds=0) == "there"


def test_none_after_the_deadline() -> None:
    assert until(lambda: None, seconds=0.01, interval_seconds=0.001) is None


def test_the_condition_is_tried_even_without_time() -> None:
    assert until(lambda: True, seconds=-1) is True
