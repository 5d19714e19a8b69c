"""A real browser for the pages. Its tests run when they are asked for: ``pytest tests/browser``."""

import os
import shutil
from pathlib import Path

import pytest

# Chromium by the names that systems give it.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--force-device-scale-factor=1",
)


def pytest_ignore_collect(collection_path, config):
    """Leave the folder alone unless it, or a file in it, is named: most machines lack a browser."""
    named = (Path(str(argument).split("::")[0]) for argument in config.args)
    return None if any("browser" in path.parts for path in named) else True


def find_program(names):
    """Path of the first program that is installed; a failed test where none is."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.fail(f"a browser is needed; none of {', '.join(names)} is installed")
    return found


class Browser:
    """Headless Chromium on one page, with what it logs and asks for."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, path, width=1200, height=900):
        """Show a file in a window of this width."""
        self.set_width(width, height)
        for kind in ("browser", "performance"):
            self.driver.get_log(kind)
        self.driver.get(Path(path).resolve().as_uri())

    def set_width(self, width, height=900):
        """Width of the screen in CSS pixels; up to 500 it is a phone."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width <= 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def emulate(self, media="", **features):
        """Show the page as on this medium, with these features of the reader's system."""
        listed = [{"name": name.replace("_", "-"), "value": v} for name, v in features.items()]
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"media": media, "features": listed}
        )

    def run(self, script):
        """Value of an expression in the page."""
        return self.driver.execute_script(f"return {script}")


@pytest.fixture(scope="session")
def driver(tmp_path_factory):
    """One browser for all tests."""
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    options = ChromeOptions()
    options.binary_location = find_program(BROWSERS)
    for flag in FLAGS:
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    # Chromium's sandbox refuses the superuser, which is who a container has.
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options, ChromeService(find_program(["chromedriver"])))
    yield driver
    driver.quit()


@pytest.fixture
def browser(driver):
    """The browser, as a reader has it who has set nothing."""
    browser = Browser(driver)
    browser.emulate()
    return browser
