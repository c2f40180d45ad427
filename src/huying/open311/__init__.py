"""Open311 GeoReport v2: the standard door for apps that others make (docs/open311.md)."""
