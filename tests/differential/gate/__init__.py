"""The gate of common/sns against a second one in Python, over messages made at random.

    rules                 the second gate: what is believed and why not, written from the rules
    strict_json, signing_certificate, signers    its parts
    question              what both are asked, and how ours is
    originals             genuine messages, by seed
    changes_*             what is done to them
    trial                 a range of seeds, and where the two differ

`make differential CASES=100000` runs so many seeds and ends with its figures.
"""
