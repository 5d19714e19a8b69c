"""Strips beside the matrix show each row's own value, in the order of the rows."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.offsetbox import AnchoredOffsetbox, TextArea
from numpy.testing import assert_allclose, assert_array_equal

from skcocluster.plot import CoclusterDisplay
from skcocluster.plot._annotations import MAX_CATEGORIES, as_annotations, get_colours

LABELS = [0, 1, 0, 1, 0, 2]
X = np.arange(24.0).reshape(6, 4)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def draw(rows=None, columns=None, **options):
    return CoclusterDisplay.from_labels(
        X, LABELS, [1, 0, 0, 1], row_annotations=rows, column_annotations=columns, **options
    )


def read_key(display):
    """Texts of the key, line by line, as one list."""
    boxes = [a for a in display.ax_.artists if isinstance(a, AnchoredOffsetbox)]
    return [area.get_text() for box in boxes for area in box.findobj(TextArea)]


def read_strip(strip):
    return np.ma.filled(strip.images[0].get_array().astype(float), np.nan).ravel()


def test_strips_are_in_the_order_of_the_rows_and_columns():
    numbers, names = np.array([5.0, 1, 4, 0, 2, 3]), np.array(list("wxyz"))
    display = draw(numbers, names)
    assert_array_equal(read_strip(display.row_strips_[0]), numbers[display.row_order])
    assert_array_equal(read_strip(display.column_strips_[0]), display.column_order)
    assert display.row_strips_[0].images[0].get_array().shape == (6, 1)
    assert display.column_strips_[0].images[0].get_array().shape == (1, 4)


def test_a_table_gives_a_strip_for_each_column_with_its_name():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"region": list("nsnsns"), "height": range(6)}, index=range(10, 16))
    display = draw(table)
    names = [strip.get_xticklabels()[0].get_text() for strip in display.row_strips_]
    assert names == ["region", "height"]
    assert read_key(display) == ["region", "n", "s", "height", "0 to 5"]
    same = draw({"region": list("nsnsns"), "height": range(6)})
    for one, other in zip(display.row_strips_, same.row_strips_, strict=True):
        assert_array_equal(read_strip(one), read_strip(other))


def test_polars_tables_are_read():
    polars = pytest.importorskip("polars")
    table = polars.DataFrame({"a": ["x", None, "y", "x", "x", "y"], "b": [1, 2, None, 4, 5, 6]})
    first, second = as_annotations(table, 6, "row")
    assert_array_equal(first.values, [0, -1, 1, 0, 0, 1])
    assert_array_equal(second.values, [1, 2, np.nan, 4, 5, 6])


@pytest.mark.parametrize("missing", [None, np.nan])
def test_missing_values_are_grey_and_told(missing):
    values = ["a", "b", missing, "a", "b", "a"]
    display = draw(values)
    strip = read_strip(display.row_strips_[0])
    assert_array_equal(np.isnan(strip), display.row_order == 2)
    assert read_key(display)[-1] == "missing"
    image = display.row_strips_[0].images[0]
    grey = image.cmap.get_bad()[:3]
    assert np.ptp(grey) == 0
    assert "missing" not in read_key(draw(list("ababab")))


def test_missing_numbers_are_missing_in_every_library():
    pandas = pytest.importorskip("pandas")
    expected = [1, np.nan, 3]
    for values in (
        [1, np.nan, 3],
        [1, np.inf, 3],
        pandas.Series([1, None, 3]),
        pandas.Series([1, None, 3], dtype="Int64"),
        np.array([1, np.nan, 3], dtype=np.float32),
    ):
        (annotation,) = as_annotations(values, 3, "row")
        assert annotation.categories is None
        assert_array_equal(annotation.values, expected)
    (dates,) = as_annotations(pandas.to_datetime(["2001-05-06", None, "2003-01-01"]), 3, "row")
    assert dates.ends == ("2001-05-06", "2003-01-01")
    assert_array_equal(np.isnan(dates.values), [False, True, False])


def test_kinds_of_values():
    pandas = pytest.importorskip("pandas")
    (truth,) = as_annotations([True, False], 2, "row")
    assert truth.categories == ("False", "True")
    ordered = pandas.Categorical(["low", "high", None], ["low", "mid", "high"])
    (sizes,) = as_annotations(pandas.Series(ordered), 3, "row")
    assert sizes.categories == ("low", "high")
    assert_array_equal(sizes.values, [0, 1, -1])
    (nothing,) = as_annotations([None, None], 2, "row")
    assert_array_equal(nothing.values, [-1, -1])


def test_rare_categories_are_put_together():
    values = [f"c{i:02}" for i in range(30) for _ in range(1 + (i >= 20))]
    (annotation,) = as_annotations(values, len(values), "row")
    assert annotation.categories == (*(f"c{i}" for i in range(20, 30)), "20 others")
    assert len(annotation.categories) == MAX_CATEGORIES + 1
    colours = get_colours(annotation.categories)
    assert len(set(colours)) == len(colours)
    assert_array_equal(annotation.values[:20], [MAX_CATEGORIES] * 20)


def test_a_pixel_of_a_strip_is_the_mean_or_the_most_frequent():
    names = np.array(["a", "a", "b", "b", "b", "a", "a", "a", "b"], dtype=object)
    numbers = np.array([0.0, 2, 4, np.nan, 5, 5, np.nan, np.nan, np.nan])
    order = np.arange(9)
    (category,), (number,) = (as_annotations(v, 9, "row") for v in (names, numbers))
    assert_array_equal(category.average(order, 3), [0, 1, 0])
    assert_allclose(number.average(order, 3), [2, 5, np.nan])
    names[:2] = None
    (category,) = as_annotations(names, 9, "row")
    assert_array_equal(category.average(order, 3), [np.nan, 1, 0])


def test_strips_of_a_large_matrix_have_its_pixels():
    big = np.random.default_rng(0).random((90, 40))
    display = CoclusterDisplay.from_labels(
        big,
        np.arange(90) % 3,
        [0] * 40,
        max_pixels=30,
        order="label",
        row_annotations=np.arange(90) % 3,
    )
    assert_array_equal(read_strip(display.row_strips_[0]), np.repeat([0, 1, 2], 10))


def test_repeated_rows_carry_their_annotation():
    rows = np.array([[1, 0], [1, 1], [0, 1]])
    display = CoclusterDisplay.from_memberships(
        X[:3], rows, np.ones((4, 1)), row_annotations=[7.0, 8.0, 9.0]
    )
    assert_array_equal(read_strip(display.row_strips_[0]), 7.0 + display.row_order)
    assert display.row_order.size == 4


def test_strips_and_key_stay_clear_of_the_matrix_and_of_each_other():
    table = {"region": list("nsnsns"), "height": range(6)}
    holes = X.copy()
    holes[0, 0] = np.nan
    display = CoclusterDisplay.from_labels(
        holes, LABELS, [1, 0, 0, 1], row_annotations=table, column_annotations={"year": range(4)}
    )
    display.figure_.canvas.draw()
    renderer = display.figure_.canvas.get_renderer()
    (key,) = [a for a in display.ax_.artists if isinstance(a, AnchoredOffsetbox)]
    boxes = [
        display.ax_.get_window_extent(renderer),
        *(s.get_window_extent(renderer) for s in display.row_strips_ + display.column_strips_),
        key.get_window_extent(renderer),
        display.ax_.get_legend().get_window_extent(renderer),
        display.colorbar_.ax.get_window_extent(renderer),
    ]
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            assert not one.shrunk(0.98, 0.98).overlaps(other.shrunk(0.98, 0.98))
    inside = display.figure_.bbox
    assert all(box.x0 >= inside.x0 and box.x1 <= inside.x1 + 1 for box in boxes)
    assert all(box.y0 >= inside.y0 and box.y1 <= inside.y1 + 1 for box in boxes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rows": [1, 2]}, "one value for each of the 6 rows"),
        ({"columns": {"year": range(3)}}, "column_annotations 'year'.* 4 columns"),
        ({"rows": np.ones((6, 2))}, "row_annotations"),
        ({"rows": list("aabbcc"), "values": "means", "equal_blocks": True}, "equal_blocks=False"),
    ],
)
def test_annotations_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        draw(**options)
