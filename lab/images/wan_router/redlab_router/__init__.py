"""The router between the sites of a lab: delay, jitter, loss, bandwidth and cuts of each link."""
