from bench.table import rows


def test_figures_show_their_place_and_repeated_ones_their_worst():
    results = {
        "deploy": {"pulumi_up": {"median_seconds": 2.0, "worst_seconds": 3.0, "samples_seconds": []}, "ratio": 1.2},
        "goals": [],
    }
    assert list(rows(results)) == [("deploy.pulumi_up", "2.00 s (worst 3.00 s)"), ("deploy.ratio", "1.2")]
