"""Names that the lab gives."""

import string

from hypothesis import given
from hypothesis import strategies as st

from redundancy.naming import ACCESS_NETWORK, Names

SITE = st.builds(
    lambda first, rest: first + rest,
    st.sampled_from(string.ascii_lowercase),
    st.text(string.ascii_lowercase + string.digits + "-", max_size=14),
)


@given(SITE.filter(lambda site: site != ACCESS_NETWORK), st.sampled_from(["ha", "a", "z-9", "Lab_1.x"]))
def test_the_access_network_sorts_before_every_site(site: str, lab: str) -> None:
    """The first by name gives a container with a leg in both its default route and its published ports."""
    names = Names(lab, "HighAvailability", "")
    assert names.network(ACCESS_NETWORK) < names.network(site)
