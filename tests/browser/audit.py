"""Lighthouse's four scores and largest paint of the pages that matter most: `make audit`.

Runs its mobile preset against the real server, compressed and with hashed files, on a whole site of
its own. Ends with 1 where a page misses the mark.
"""

import json
import os
import subprocess
import sys
from typing import Any

from tests.browser import chromium
from tests.server import ROOT, whole_site

LIGHTHOUSE = ROOT / "node_modules/.bin/lighthouse"
PAGES = {
    "home": "/",
    "article": "/articles/ketamine-infusion-therapy-for-depression/",
    "clinic": "/locations/opelika/",
    "form": "/consult/",
}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
LARGEST_PAINT_MS = 800
# Chromium now and then records no start of a page, and Lighthouse asks to be run again.
ATTEMPTS = 3


def report(address: str) -> dict[str, Any]:
    """Lighthouse's whole report of one page."""
    command = [str(LIGHTHOUSE), address, "--output=json", "--quiet"]
    command += [f"--chrome-flags=--headless=new {' '.join(chromium.FLAGS)}"]
    command += [f"--only-categories={','.join(CATEGORIES)}"]
    environ = os.environ | {"CHROME_PATH": str(chromium.PATH)}
    for _attempt in range(ATTEMPTS):
        result = subprocess.run(command, env=environ, check=False, capture_output=True, cwd=ROOT)
        if result.returncode == 0:
            break
    else:
        sys.exit(f"Lighthouse did not finish: {result.stderr.decode().strip()[-800:]}")
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def middle_report(address: str) -> dict[str, Any]:
    """The middle one of three by largest paint: the first of all waits for Chromium to wake."""
    return sorted((report(address) for _run in range(3)), key=largest_paint)[1]


def largest_paint(found: dict[str, Any]) -> int:
    """In milliseconds, as Lighthouse simulates it for a slow phone on a slow network."""
    return round(found["audits"]["largest-contentful-paint"]["numericValue"])


def scores(found: dict[str, Any]) -> list[int]:
    return [round(found["categories"][name]["score"] * 100) for name in CATEGORIES]


def lost(found: dict[str, Any]) -> list[str]:
    """The audits that cost a page points."""
    weights = [part for name in CATEGORIES for part in found["categories"][name]["auditRefs"]]
    return sorted(
        {
            f"{part['id']}: {found['audits'][part['id']].get('displayValue', '')}"
            for part in weights
            if part["weight"]
            and (found["audits"][part["id"]]["score"] or 0) < 1
            and found["audits"][part["id"]]["scoreDisplayMode"] != "notApplicable"
        }
    )


def main() -> None:
    if chromium.PATH is None or not LIGHTHOUSE.exists():
        sys.exit(
            "make audit needs Chromium (apt-get install chromium) and: npm ci --ignore-scripts"
        )
    missed = False
    print(f"{'':10}{'  '.join(CATEGORIES)}  largest paint")
    with whole_site(hashed=True) as site:
        for name, path in PAGES.items():
            found = middle_report(site + path)
            points, paint = scores(found), largest_paint(found)
            print(f"{name:10}{' / '.join(map(str, points))}  {paint} ms", flush=True)
            for audit in lost(found):
                print(f"{'':10}{audit}")
            missed |= points != [100] * len(CATEGORIES) or paint > LARGEST_PAINT_MS
    sys.exit(missed)


if __name__ == "__main__":
    main()
