"""Checkstyle XML, which many servers and editors read."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import groupby

from smtplint.report import Run, worded
from smtplint.terminal import printable


def render(run: Run) -> str:
    root = ET.Element("checkstyle", version="8.0")
    for path, found in groupby(run.findings, key=lambda finding: finding.source.path):
        file = ET.SubElement(root, "file", name=printable(path))
        for finding in found:
            place = finding.source.position(finding.span.start)
            ET.SubElement(
                file,
                "error",
                line=str(place.line),
                column=str(place.column),
                severity=finding.severity.word,
                message=printable(worded(finding)),
                source=f"smtplint.{finding.rule}",
            )
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, "unicode") + "\n"
