"""When ingest expects that readings are new, and what it learns from being wrong."""

from ingest.write import Expectation

MANY = Expectation.MANY


def pauses(expectation: Expectation, times: int) -> list[int]:
    """How many batches are written the other way after each of so many disappointments in a row."""
    found = []
    for _ in range(times):
        expectation.was(right=False)
        found.append(0)
        while not expectation.is_new(MANY):
            found[-1] += 1
    return found


def test_many_readings_are_expected_to_be_new_and_few_are_not_worth_it() -> None:
    assert Expectation().is_new(MANY)
    assert not Expectation().is_new(MANY - 1)


def test_each_disappointment_in_a_row_lasts_twice_as_long_up_to_a_limit() -> None:
    assert pauses(Expectation(), 9) == [1, 2, 4, 8, 16, 32, 64, 64, 64]


def test_one_success_makes_up_for_all_of_them() -> None:
    expectation = Expectation()
    pauses(expectation, 5)
    expectation.was(right=True)
    assert expectation.is_new(MANY)
    assert pauses(expectation, 2) == [1, 2]


def test_small_batches_are_no_part_of_a_pause() -> None:
    expectation = Expectation()
    expectation.was(right=False)
    assert not any(expectation.is_new(1) for _ in range(10))
    assert not expectation.is_new(MANY)
    assert expectation.is_new(MANY)
