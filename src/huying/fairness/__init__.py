"""Appeals against what was counted, and guards against figures that were only made to look good."""
