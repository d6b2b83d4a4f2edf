"""Commit times are compared by medians: a single slow commit has no influence."""

from bench.site_links import commit_figures


def test_the_time_of_a_commit_beyond_its_parts() -> None:
    figures = commit_figures([1.9, 2.0, 50.0], [1.0, 1.0, 9.0], [3.5, 3.4, 99.0])
    assert figures == {
        "round_trip_milliseconds": 2.0,
        "local_commit_milliseconds": 1.0,
        "synchronous_commit_milliseconds": 3.5,
        "commit_beyond_milliseconds": 0.5,
    }
