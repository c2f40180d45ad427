"""The big screen: an area's figures at a glance, for whoever stands before it. Nobody is named."""
