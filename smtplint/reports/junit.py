"""JUnit XML, as Jenkins, Azure and GitLab read it: a test case for each finding, failed unless it only informs."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from itertools import groupby

from smtplint.finding import Finding, Severity
from smtplint.report import Run, told, worded
from smtplint.terminal import printable


def render(run: Run) -> str:
    root = ET.Element("testsuites", name="smtplint")
    groups = [(path, list(found)) for path, found in groupby(run.findings, key=lambda finding: finding.source.path)]
    for path, found in groups:
        _suite(root, printable(path), found, run)
    if not groups:
        suite = ET.SubElement(root, "testsuite", name="smtplint", tests="1", failures="0", errors="0")
        ET.SubElement(suite, "testcase", classname="smtplint", name=f"{run.checked} files, nothing to report")
    for name in ("tests", "failures"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _suite(root: ET.Element, path: str, found: Sequence[Finding], run: Run) -> None:
    failures = sum(finding.severity > Severity.INFO for finding in found)
    suite = ET.SubElement(root, "testsuite", name=path, tests=str(len(found)), failures=str(failures), errors="0")
    for finding in found:
        _case(suite, path, finding, run)


def _case(suite: ET.Element, path: str, finding: Finding, run: Run) -> None:
    place = finding.source.position(finding.span.start)
    name = f"{finding.rule} ({place.line}:{place.column})"
    case = ET.SubElement(suite, "testcase", classname=path, name=name, file=path, line=str(place.line))
    text = printable(worded(finding))
    wire = run.wire(finding)
    more = f"{path}:{place.line}:{place.column}: {text}" + (f"\non the wire: {told(wire, finding)}" if wire else "")
    if finding.severity is Severity.INFO:
        ET.SubElement(case, "system-out").text = more
    else:
        ET.SubElement(case, "failure", type=finding.severity.word, message=text).text = more
