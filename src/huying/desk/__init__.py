"""The desk: pages for whoever acts on cases at a computer. Thin; every rule lives below."""
