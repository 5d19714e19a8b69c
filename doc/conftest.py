"""What the tests of the pages' code leave out."""

collect_ignore_glob = ["conf.py", "make_pictures.py", "_ext/*", "_build/*", "auto_examples/*"]
collect_ignore_glob += ["generated/*", "changelog.rst"]
