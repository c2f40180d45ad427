"""Questions with a written definition: what is asked, of whom, and whether an answer will do.

It knows nothing of what the questions are about: whoever asks (an item of the catalogue, a
register) names itself as the owner of a form.
"""
