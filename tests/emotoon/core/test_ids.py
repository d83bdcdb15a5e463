from emotoon.core.ids import PublicId


def test_ids_are_long_different_and_carry_their_prefix():
    make = PublicId("stk")
    ids = {make() for _ in range(200)}
    assert len(ids) == 200
    assert all(name.startswith("stk_") and len(name) == 26 <= PublicId.max_length for name in ids)
