"""Hash chain, seals, access log and the provider of cryptography: the layer below all others."""
