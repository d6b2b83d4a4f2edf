"""What only reads: each probe looks at one thing of a lab."""
