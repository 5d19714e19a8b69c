"""Formulas as MathML, made by docutils: browsers show it without a script from elsewhere."""

import re

from docutils.nodes import SkipNode
from docutils.utils.math import MathError, latex2mathml
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)

# What docutils does not know or reads in another way: an accent is of its letter, not of the index.
REWRITTEN = {
    r"\\dots(?![a-zA-Z])": r"\\ldots",
    r"\\(hat|bar) ?(\{[^{}]*\}|[a-zA-Z])": r"{\\\1 \2{}}",
}


def to_mathml(node):
    """MathML of a formula; one that docutils cannot read is a warning and stays as it is."""
    tex = node.astext()
    for pattern, replacement in REWRITTEN.items():
        tex = re.sub(pattern, replacement, tex)
    try:
        mathml = latex2mathml.tex2mathml(tex)
    except MathError as error:
        logger.warning("formula: %s", error, location=node)
        return f"<code>{node.astext()}</code>"
    # Braces of sets are as high as a line; docutils writes those that grow as \\left and \\right.
    return re.sub(r"<mo>([{}])</mo>", r'<mo stretchy="false">\1</mo>', mathml)


def visit_math(writer, node):
    """Write a formula within a line."""
    writer.body.append(to_mathml(node))
    raise SkipNode


def visit_math_block(writer, node):
    """Write a formula of its own, with its number when it has one."""
    writer.body.append(writer.starttag(node, "div", CLASS="math"))
    if node["number"]:
        writer.body.append(f'<span class="eqno">({get_node_equation_number(writer, node)})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    formula = to_mathml(node).replace("<math ", '<math display="block" ', 1)
    writer.body.append(f'<div class="formula">{formula}</div></div>\n')
    raise SkipNode


def setup(app):
    """Register the renderer; Sphinx prefers it to its own, which would load MathJax."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
