"""The pages in a real browser: no errors, no requests, tabs by click and key, phones, paper."""

import json

import numpy as np
import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from skcocluster import BBAC
from skcocluster.cli import main
from skcocluster.datasets import make_overlapping_blocks

PHONE = 390
# Three algorithms with two numbers each, one with one of them, and two seeds.
N_RUNS = (3 * 2 + 1) * 2
NAMES = [f"a rather long name of a place, number {i}" for i in range(30)]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Page of a fit with long names and overlap, and page of a comparison."""
    folder = tmp_path_factory.mktemp("pages")
    X = make_overlapping_blocks((30, 20), (3, 2), row_overlap=0.2, random_state=0)[0]
    X = np.round(X - X.min(), 2)
    lines = [",".join(["place", *(f"year_{1980 + j}" for j in range(20))])]
    lines += [",".join([f'"{NAMES[i]}"', *map(str, X[i])]) for i in range(30)]
    table = folder / "table.csv"
    table.write_text("\n".join(lines), "utf-8")
    counts = "--algorithm neocc --n-row-clusters 3 --n-column-clusters 2 --row-overlap 0.2"
    fit = ["fit", str(table), *counts.split(), "--row-outliers", "0.05"]
    assert main([*fit, "--output", str(folder / "fit")]) == 0
    compare = "--algorithms bbac,coclus,neocc,max-norm --clusters 2,4x3 --seeds 0,1"
    argv = ["compare", str(table), *compare.split(), "--time-limit", "2"]
    assert main([*argv, "--output", str(folder / "compare")]) == 0
    return {name: folder / name / "report.html" for name in ("fit", "compare")}


def find(browser, selector):
    return browser.driver.find_elements(By.CSS_SELECTOR, selector)


def list_shown(browser):
    """Numbers of the panels that can be seen."""
    return [i for i, panel in enumerate(find(browser, ".panel")) if panel.is_displayed()]


@pytest.mark.parametrize("name", ["fit", "compare"])
def test_a_page_has_no_errors_and_asks_for_nothing(browser, pages, name):
    browser.open(pages[name])
    assert browser.run("document.readyState") == "complete"
    assert browser.driver.get_log("browser") == []
    events = [
        json.loads(entry["message"])["message"] for entry in browser.driver.get_log("performance")
    ]
    asked = [
        e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"
    ]
    assert asked
    assert {url.split(":")[0] for url in asked} <= {"file", "data"}
    assert sum(url.startswith("file:") for url in asked) == 1


@pytest.mark.parametrize("name", ["fit", "compare"])
def test_every_picture_is_seen(browser, pages, name):
    browser.open(pages[name])
    browser.emulate(media="print")
    sizes = browser.run("[...document.images].map(i => [i.naturalWidth, i.offsetWidth])")
    assert len(sizes) > 3
    assert all(min(pair) > 100 for pair in sizes)


def test_one_tab_is_shown_and_a_click_shows_another(browser, pages):
    browser.open(pages["compare"])
    labels = find(browser, ".bar label")
    assert len(labels) == len(find(browser, ".panel")) == N_RUNS
    assert list_shown(browser) == [0]
    for i in (3, 1, 7):
        labels[i].click()
        assert list_shown(browser) == [i]
        heading = find(browser, ".panel h2")[i]
        assert heading.text == labels[i].text


def test_tabs_are_reached_and_changed_by_keys(browser, pages):
    browser.open(pages["compare"])
    reached = None
    for _ in range(100):
        ActionChains(browser.driver).send_keys(Keys.TAB).perform()
        reached = browser.driver.switch_to.active_element
        if reached.get_attribute("type") == "radio":
            break
    assert reached.get_attribute("id") == "tab-0"
    reached.send_keys(Keys.ARROW_RIGHT)
    assert list_shown(browser) == [1]
    active = browser.driver.switch_to.active_element
    assert active.get_attribute("id") == "tab-1"
    # Who moves by keys sees where they are.
    outline = "getComputedStyle(document.querySelector('label[for=tab-1]')).outlineStyle"
    assert browser.run(outline) == "solid"
    active.send_keys(Keys.ARROW_LEFT)
    assert list_shown(browser) == [0]


def test_tabs_are_named_for_those_who_listen(browser, pages):
    browser.open(pages["compare"])
    labels = [label.text for label in find(browser, ".bar label")]
    radios = find(browser, "input[type=radio]")
    assert [radio.aria_role for radio in radios] == ["radio"] * len(labels)
    assert [radio.accessible_name for radio in radios] == labels
    (group,) = find(browser, "fieldset")
    assert group.aria_role == "group"
    assert "tab for each run" in group.accessible_name


def test_what_is_not_fitted_is_told(browser, pages):
    browser.open(pages["compare"])
    text = browser.driver.find_element(By.TAG_NAME, "main").text
    assert "coclus-4x3" in text
    assert "one number of clusters" in text


def measure_overflow(browser):
    """Elements that stick out of the screen, those in a box that scrolls by itself left out."""
    return browser.run(
        """[...document.querySelectorAll('main *')].filter(e => {
            const box = e.getBoundingClientRect();
            return box.width > 0 && box.right > innerWidth + 1 && !e.closest('.scroll');
        }).map(e => e.outerHTML.slice(0, 120))"""
    )


@pytest.mark.parametrize("name", ["fit", "compare"])
def test_a_phone_needs_no_scrolling_sideways(browser, pages, name):
    browser.open(pages[name], width=PHONE)
    assert browser.run("innerWidth") == PHONE
    for label in find(browser, ".bar label") or [None]:
        if label is not None:
            label.click()
        assert browser.run("document.documentElement.scrollWidth") == PHONE
        assert measure_overflow(browser) == []
    sizes = browser.run(
        "[...document.querySelectorAll('p, td, th, dd')].filter(e => e.offsetWidth)"
        ".map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 13


def test_paper_has_all_runs(browser, pages):
    browser.open(pages["compare"])
    browser.emulate(media="print")
    assert list_shown(browser) == list(range(N_RUNS))
    assert not any(bar.is_displayed() for bar in find(browser, ".bar"))


def luminance(color):
    numbers = color[color.index("(") + 1 : color.index(")")].split(",")[:3]
    return sum(w * float(n) for w, n in zip((0.299, 0.587, 0.114), numbers, strict=True))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_both_colour_schemes(browser, pages, scheme):
    browser.open(pages["compare"])
    browser.emulate(prefers_color_scheme=scheme)
    style = "getComputedStyle(document.querySelector('section'))"
    text, ground = (luminance(browser.run(f"{style}.{p}")) for p in ("color", "backgroundColor"))
    assert (text > ground) == (scheme == "dark")
    assert abs(text - ground) > 120


def test_the_picture_of_an_estimator_is_seen(browser, tmp_path):
    X = np.kron(np.array([[1.0, 5.0], [7.0, 2.0]]), np.ones((10, 8)))
    text = BBAC(2, 2, random_state=0).fit(X)._repr_html_()
    (tmp_path / "est.html").write_text(f"<!DOCTYPE html><meta charset=utf-8>{text}", "utf-8")
    browser.open(tmp_path / "est.html", width=PHONE)
    # scikit-learn's own script warns of icons that are not there.
    assert "SEVERE" not in {entry["level"] for entry in browser.driver.get_log("browser")}
    (picture,) = find(browser, "figure svg")
    # One name until ARIA 1.3, the other since.
    assert picture.aria_role in ("img", "image")
    assert "mean of each block" in picture.accessible_name
    box = picture.rect
    assert 200 < box["width"] <= PHONE
    assert 100 < box["height"] < 400
    texts = {text.text for text in find(browser, "figure svg text")}
    assert {"1", "2", "5", "7", "0 (10)", "1 (10)"} <= texts
