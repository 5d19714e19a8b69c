"""The checker of links: what it must find in pages and in sources, and what it must let pass."""

from pathlib import Path

import pytest

import check_links

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def folder(tmp_path):
    """Two pages, of which one is in a folder, a picture, and a template that is no page."""
    (tmp_path / "guide" / "part").mkdir(parents=True)
    (tmp_path / "_static").mkdir()
    (tmp_path / "a picture.png").write_bytes(b"")
    (tmp_path / "_static" / "template.html").write_text('<a href="{{ pathto() }}">x</a>')
    (tmp_path / "guide" / "index.html").write_text(
        '<h1 id="start">Guide</h1><a name="old">x</a><a href="../index.html">up</a>'
    )
    return tmp_path


def check(folder, body):
    """What is wrong with a first page that says this."""
    (folder / "index.html").write_text(f'<p id="here">{body}</p>', "utf-8")
    found = list(check_links.check_pages(folder))
    assert {path.name for path, _ in found} <= {"index.html"}
    return [message for _, message in found]


@pytest.mark.parametrize(
    "body",
    [
        '<a href="#here">x</a><a href="#">x</a><a href="">x</a>',
        '<a href="guide/index.html">x</a><a href="guide/index.html?a=1#start">x</a>',
        '<a href="guide/#old">x</a><a href="/guide/index.html#start">x</a>',
        '<img src="a%20picture.png" srcset="a%20picture.png, a%20picture.png 2.00x">',
        '<img src="data:image/png;base64,AA"><a href="javascript:void(0)">x</a>',
        '<a href="https://doi.org/10.1016/0020-0190(79)90002-4">x</a>',
        '<a href="https://scikit-learn.org">x</a><a href="mailto:someone@some.org">x</a>',
    ],
)
def test_good_links_pass(folder, body):
    assert check(folder, body) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('<a href="lost.html">x</a>', "no such file: lost.html"),
        ('<a href="guide/part/">x</a>', "no such file: guide/part/"),
        ('<img src="lost.png">', "no such file: lost.png"),
        ('<img srcset="a%20picture.png, lost.png 2.00x">', "no such file: lost.png"),
        ('<script src="lost.js"></script>', "no such file: lost.js"),
        ('<a href="#there">x</a>', "no such place on the page: #there"),
        (
            '<a href="guide/index.html#end">x</a>',
            "no such place on the page: guide/index.html#end",
        ),
        ('<a href="../outside.html">x</a>', "leaves the pages: ../outside.html"),
        ('<a href="http://some.org">x</a>', "http instead of https: http://some.org"),
        ('<a href="//some.org/a.js">x</a>', "no scheme instead of https: //some.org/a.js"),
        ('<a href="https:/some.org">x</a>', "not an address: https:/some.org"),
        ('<a href="https://some org/a">x</a>', "not an address: https://some org/a"),
        ('<a href="https://[some.org">x</a>', "not an address: https://[some.org"),
        ('<a href="https://localhost/a">x</a>', "not an address: https://localhost/a"),
        ('<a href="https://doi.org/10.123/x">x</a>', "not a DOI: 10.123/x"),
        (
            '<a href="https://dx.doi.org/10.1234/x">x</a>',
            "a DOI is looked up at doi.org: https://dx.doi.org/10.1234/x",
        ),
        ('<a href="mailto:someone">x</a>', "not a mail address: mailto:someone"),
    ],
)
def test_bad_links_are_named(folder, body, message):
    assert check(folder, f'<a href="guide/index.html">x</a>{body}') == [message]


def test_a_page_is_checked_once_for_each_target(folder):
    assert check(folder, '<a href="lost.html">x</a><a href="lost.html">y</a>') == [
        "no such file: lost.html"
    ]


def test_a_folder_without_pages_is_an_offence(folder):
    empty = folder / "guide" / "part"
    assert list(check_links.check_pages(empty)) == [
        (empty, "no pages; python3 dev.py doc builds them")
    ]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("See https://some.org/a, `b <https://some.org/b_>`_ (https://some.org).", []),
        ("https://doi.org/10.1016/0020-0190(79)90002-4 and :doi:`10.1234/a.b`.", []),
        ("Workers are at tcp://127.0.0.1:8786.", []),
        ("See http://some.org.", ["http instead of https: http://some.org"]),
        ("See htpps://some.org.", ["htpps instead of https: htpps://some.org"]),
        ("See https://some..org/a.", ["not an address: https://some..org/a"]),
        (":doi:`10.1234`", ["not a DOI: 10.1234"]),
        (":doi:`10.1234/a.`", ["not a DOI: 10.1234/a."]),
        (":doi:`https://doi.org/10.1234/a`", ["not a DOI: https://doi.org/10.1234/a"]),
    ],
)
def test_addresses_in_sources_are_judged_by_their_form(text, messages):
    assert list(check_links.check_text(text)) == messages


def test_the_project_has_well_formed_addresses_only():
    texts = list(check_links.iter_texts(ROOT))
    assert {"README.rst", "CITATION.cff", "index.rst", "_estimator.py"} <= {
        path.name for path in texts
    }
    assert [m for path in texts for m in check_links.check_text(path.read_text("utf-8"))] == []


def test_the_exit_code_says_whether_something_was_found(folder, capsys):
    assert check(folder, "") == []
    good = folder / "good.rst"
    good.write_text("https://some.org")
    assert check_links.main([str(folder), str(good)]) == 0
    assert capsys.readouterr().out == ""
    good.write_text("http://some.org")
    assert check_links.main([str(folder), str(good)]) == 1
    assert capsys.readouterr().out == f"{good}: http instead of https: http://some.org\n"
