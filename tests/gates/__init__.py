"""How well the gates before a sticker judge: matrices of many faces, by command and not in the test run.

python -m tests.gates skin [PHOTO...]     # skin tones x bare, masks, sunglasses
python -m tests.gates small [PHOTO...]    # canvas x width of the face
"""
