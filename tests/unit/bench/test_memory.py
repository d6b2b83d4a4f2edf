from bench.memory import in_use_bytes


def test_reclaimable_page_cache_does_not_count():
    assert in_use_bytes({"usage": 100, "stats": {"total_inactive_file": 30, "inactive_file": 10}}) == 70
    assert in_use_bytes({"usage": 100, "stats": {"inactive_file": 10}}) == 90


def test_without_details_everything_counts():
    assert in_use_bytes({"usage": 100}) == 100
